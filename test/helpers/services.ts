import { createHash } from "node:crypto";
import { memoryEvents } from "#adapters/memory/memory-events.ts";
import { memoryJobRuns } from "#adapters/memory/memory-job-runs.ts";
import { memoryStarts } from "#adapters/memory/memory-starts.ts";
import { memorySubmissions } from "#adapters/memory/memory-submissions.ts";
import { memoryTenants } from "#adapters/memory/memory-tenants.ts";
import { memoryUsage } from "#adapters/memory/memory-usage.ts";
import { listPrices } from "#domain/cost/list-prices.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { noon, sampleSetup } from "./setup.ts";

/** A clock that stands at noon until it is moved. */
export const sampleClock = () => {
  let at = Date.parse(noon);
  const iso = (time: number): string => new Date(time).toISOString();
  return {
    now: () => iso(at),
    later: (milliseconds: number) => iso(at + milliseconds),
    pauseUntil: async (time: string) => {
      at = Math.max(at, Date.parse(time));
    },
    pass: (milliseconds: number) => {
      at += milliseconds;
    },
  };
};

/** All that the domain needs, in memory, at noon. */
export const sampleServices = (setup: TenantSetup = sampleSetup(), ...others: readonly TenantSetup[]) => {
  const clock = sampleClock();
  const { now, later, pauseUntil } = clock;
  let ids = 0;
  return {
    submissions: memorySubmissions(),
    starts: memoryStarts({ now }),
    tenants: memoryTenants([setup, ...others]),
    jobRuns: memoryJobRuns({ now }),
    events: memoryEvents(),
    prices: listPrices,
    usage: memoryUsage(),
    wake: async () => undefined,
    now,
    later,
    pauseUntil,
    clock,
    newId: () => {
      ids += 1;
      return `6a7e8feb-b491-${ids}`;
    },
    digest: (text: string): string => createHash("sha256").update(text).digest("base64url"),
    crowded: new Set<string>(),
    retentionMs: 90 * 86_400_000,
    lookMs: 30_000,
    looksPerSecond: 10,
  };
};

export type SampleServices = ReturnType<typeof sampleServices>;

/** The port, whose method does its work and then fails, once: what a crash right after a step looks like. */
export const crashingAfter = <Port extends object>(port: Port, method: keyof Port & string): Port => {
  let crashed = false;
  const get = (target: Port, key: string | symbol): unknown => {
    const member: unknown = Reflect.get(target, key);
    if (key !== method || typeof member !== "function") return member;
    return async (...given: unknown[]): Promise<unknown> => {
      const result: unknown = await Reflect.apply(member, target, given);
      if (crashed) return result;
      crashed = true;
      throw new Error(`crash after ${method}`);
    };
  };
  return new Proxy(port, { get });
};

/** The port, whose method fails as long as `error` gives something to fail with. */
export const failingWith = <Port extends object>(
  port: Port,
  method: keyof Port & string,
  error: () => Error | undefined,
): Port => {
  const get = (target: Port, key: string | symbol): unknown => {
    const member: unknown = Reflect.get(target, key);
    if (key !== method || typeof member !== "function") return member;
    return async (...given: unknown[]): Promise<unknown> => {
      const thrown = error();
      if (thrown !== undefined) throw thrown;
      return await Reflect.apply(member, target, given);
    };
  };
  return new Proxy(port, { get });
};
