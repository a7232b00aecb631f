import { createHash } from "node:crypto";
import { memoryUsage } from "#adapters/memory/memory-usage.ts";
import { listPrices } from "#domain/cost/list-prices.ts";
import { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import type { Instance } from "./instances.ts";
import type { Effect } from "./invariants/invariant.ts";
import { laggingStarts, laggingSubmissions } from "./lagging.ts";
import { note } from "./note.ts";
import { isoOf } from "./scheduler.ts";
import type { SharedPorts, World } from "./world.ts";
import { tenantNames } from "./world-tenants.ts";

type Make = (method: string, effect: () => Promise<unknown>, given: readonly unknown[]) => Promise<unknown>;

/** The port with every method called through `make`. */
const through = <Port extends object>(port: Port, make: Make): Port => {
  const made = new Map<string | symbol, unknown>();
  const get = (target: Port, key: string | symbol): unknown => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const member: unknown = Reflect.get(target, key);
    if (typeof member !== "function") return member;
    const method = (...given: unknown[]): Promise<unknown> =>
      make(String(key), async () => await Reflect.apply(member, target, given), given);
    made.set(key, method);
    return method;
  };
  return new Proxy(port, { get });
};

const told = (value: unknown): string => {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(told).join(",");
  if (typeof value !== "object" || value === null) return String(value);
  const { submissionId, clientToken, state } = value as Readonly<Record<string, unknown>>;
  if (submissionId !== undefined) return state === undefined ? String(submissionId) : `${submissionId} (${state})`;
  return clientToken === undefined ? "…" : String(clientToken);
};

const answered = (value: unknown): string => {
  if (value === undefined) return "";
  if (typeof value !== "object" || value === null || Array.isArray(value)) return ` → ${told(value)}`;
  const { verdict, submission, taken, entered, waitingFor, jobRunId, state, active, waiting } = value as Record<
    string,
    unknown
  >;
  if (active !== undefined) return ` → ${told(active) || "nobody"} active, ${waiting} waiting`;
  const shown = [verdict, submission, taken, entered, jobRunId, state].filter((part) => part !== undefined);
  return ` → ${shown.map(told).join(" ")}${Array.isArray(entered) && entered.length === 0 ? `nobody (${waitingFor})` : ""}`;
};

/** Ports over what all instances share: with indexes that lag, and with a variant's faults built in. */
const sharedPorts = (world: World): SharedPorts => {
  if (world.shared !== undefined) return world.shared;
  const { ledger, starts, scheduler, random, profile, stormy, records, emr } = world;
  const asOf = (): number =>
    scheduler.now() - (stormy() && random.chance(profile.lag) ? random.between(1, profile.lagMs) : 0);
  const ports: SharedPorts = {
    submissions: laggingSubmissions(ledger, world.ledgerSnapshots, asOf),
    starts: laggingStarts(starts, world.lineSnapshots, asOf),
    jobRuns: emr.jobRuns,
    usage: memoryUsage(),
    events: {
      publish: async (event) => {
        records.published.push({ event, at: scheduler.now() });
      },
      tellTask: async () => undefined,
    },
  };
  world.shared = world.variant?.ports?.(ports, world) ?? ports;
  return world.shared;
};

/** Keeps the call's own traces, and looks whether it broke anything. */
export type AfterEffect = (effect: Effect) => Promise<void>;

/** Everything that an instance gets: each call of a port is a point where others go on, and where things go wrong. */
export const servicesOf = (world: World, instance: Instance, afterEffect: AfterEffect): Services => {
  const { instances, scheduler, profile, random } = world;
  const shared = sharedPorts(world);
  const port = <Port extends object>(
    name: string,
    target: Port,
    failure: { readonly chance: number; readonly error: () => Error; readonly lateMs: number },
  ): Port =>
    through(target, (method, effect, given) =>
      instances.call(instance, {
        name: `${name}.${method}`,
        failure,
        takesMs: method === "start" ? profile.startMs : 0,
        effect: async () => {
          world.acting = instance;
          const result = await effect();
          const done: Effect = { instance, port: name, method, given, result };
          await note(world, done);
          if (world.keepsStory)
            world.tell(instance.name, `${name}.${method} ${given.map(told).join(" ")}${answered(result)}`);
          await afterEffect(done);
          return result;
        },
      }),
    );
  // A table's client gives up after seconds and the table does at once what it gets: EMR Serverless may take its time.
  const table = {
    chance: profile.tableFails,
    error: () => new ServiceError("ERR_LEDGER_DOWN", "The table is throttled"),
    lateMs: 2000,
  };
  const emr = {
    chance: Math.max(profile.emrFails, profile.emrLosesAnswer),
    error: () => new ServiceError("ERR_EMR_DOWN", "EMR Serverless did not answer"),
    lateMs: 40_000,
  };
  const bus = {
    chance: profile.eventsFail,
    error: () => new ServiceError("ERR_EVENTS_DOWN", "No answer"),
    lateMs: 20_000,
  };
  const now = (): number => scheduler.now() + instance.skewMs;
  const services: Services = {
    tenants: port("tenants", world.tenants, table),
    submissions: port("submissions", shared.submissions, table),
    starts: port("starts", shared.starts, table),
    jobRuns: port("jobRuns", shared.jobRuns, emr),
    events: port("events", shared.events, bus),
    prices: listPrices,
    usage: port("usage", shared.usage, table),
    wake: () => instances.call(instance, { name: "wake", effect: async () => world.hooks.wake() }),
    now: () => isoOf(now()),
    later: (milliseconds) => isoOf(now() + milliseconds),
    pauseUntil: (time) => instances.pause(instance, Date.parse(time) - now()),
    newId: () => `${random.between(0, 2 ** 31)}-${random.between(0, 2 ** 31)}`,
    digest: (text) => createHash("sha256").update(text).digest("base64url"),
    // What an earlier invocation may have left there, right or wrong.
    crowded: new Set(tenantNames.filter(() => random.chance(0.5))),
    retentionMs: 90 * 86_400_000,
    lookMs: 30_000,
    looksPerSecond: 10,
  };
  return world.variant?.services?.(services, world) ?? services;
};
