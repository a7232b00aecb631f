import { ServiceError } from "#domain/errors.ts";
import type { Profile } from "./profile.ts";
import type { Random } from "./random.ts";
import { isoOf, type Scheduler } from "./scheduler.ts";

/** One invocation of a function: it runs until it ends, dies at a call, or its time is up. */
export interface Instance {
  readonly name: string;
  /** How far its clock is from the true time. */
  readonly skewMs: number;
  /** When its time is up, in epoch milliseconds of the true time. */
  readonly deadlineAt: number;
  alive: boolean;
  /** The call that it is parked at, for the story. */
  at: string;
}

export type Ending<T> =
  | { readonly verdict: "returned"; readonly value: T }
  | { readonly verdict: "threw"; readonly error: unknown }
  | { readonly verdict: "died" };

/** What a call does to the world, and what may go wrong with it. */
export interface Call<T> {
  readonly name: string;
  readonly effect: () => Promise<T>;
  /** How long it takes to come to its effect, besides the way there. */
  readonly takesMs?: number;
  /** The error of a call that fails although nothing is wrong with it, where there is one. */
  readonly failure?: {
    readonly chance: number;
    readonly error: () => Error;
    /** How long after its caller has given up a call may still have its effect. */
    readonly lateMs: number;
  };
}

export interface Instances {
  spawn<T>(
    name: string,
    timeoutMs: number,
    body: (instance: Instance) => Promise<T>,
    ended: (ending: Ending<T>) => void,
  ): void;
  call<T>(instance: Instance, call: Call<T>): Promise<T>;
  pause(instance: Instance, ms: number): Promise<void>;
  /** The clock of the instance whose call has its effect now. */
  clock(): string;
  readonly count: number;
}

interface Parts {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly profile: Profile;
  readonly stormy: () => boolean;
  readonly tell: (who: string, what: string) => void;
}

interface Fate {
  readonly dies: "before" | "after" | undefined;
  readonly fails: "before" | "after" | "late" | undefined;
  readonly thereMs: number;
  readonly backMs: number;
}

const latency = ({ random, profile, stormy }: Parts): number => {
  const ms = random.between(1, profile.latencyMs);
  return stormy() && random.chance(profile.slow) ? ms + random.between(1, profile.slowMs) : ms;
};

const fateOf = (parts: Parts, { failure, takesMs = 0 }: Call<unknown>): Fate => {
  const { random, profile, stormy } = parts;
  const [thereMs, backMs] = [latency(parts) + takesMs, latency(parts)];
  const dies = stormy() && random.chance(profile.crash) ? random.pick(["before", "after"] as const) : undefined;
  if (failure === undefined || !stormy()) return { dies, fails: undefined, thereMs, backMs };
  if (random.chance(profile.lateEffect))
    return {
      dies,
      fails: "late",
      thereMs: thereMs + random.between(500, failure.lateMs),
      backMs: random.between(100, 10_000),
    };
  const fails = random.chance(failure.chance) ? random.pick(["before", "after"] as const) : undefined;
  return { dies, fails, thereMs, backMs };
};

/** Function instances whose every call is a point where any other may go on first. */
export const createInstances = (parts: Parts): Instances => {
  const { scheduler, random, profile, tell } = parts;
  let count = 0;
  let current: Instance | undefined;
  const deaths = new Map<Instance, () => void>();

  const die = (instance: Instance, why: string): void => {
    if (!instance.alive) return;
    instance.alive = false;
    tell(instance.name, `dies ${why}`);
    deaths.get(instance)?.();
    deaths.delete(instance);
  };
  const goOn = (instance: Instance, how: () => void): void => {
    if (instance.alive) how();
  };
  const perform = async <T>(instance: Instance, { name, effect }: Call<T>): Promise<() => Promise<T>> => {
    current = instance;
    try {
      const value = await effect();
      return async () => value;
    } catch (error) {
      tell(instance.name, `${name}: ${error instanceof Error ? error.message : "failed"}`);
      return async () => {
        throw error;
      };
    }
  };

  const land = <T>(instance: Instance, call: Call<T>, then: (result: () => Promise<T>) => void): void => {
    perform(instance, call).then(then, then as never);
  };

  return {
    get count() {
      return count;
    },
    clock: () => isoOf(scheduler.now() + (current?.skewMs ?? 0)),
    spawn(name, timeoutMs, body, ended) {
      count += 1;
      const skewMs = random.between(-profile.skewMs, profile.skewMs);
      const deadlineAt = scheduler.now() + timeoutMs;
      const instance: Instance = { name: `${name}-${count}`, skewMs, deadlineAt, alive: true, at: "its start" };
      const settle = (ending: Ending<never> | Parameters<typeof ended>[0]): void => {
        cancel();
        deaths.delete(instance);
        instance.alive = false;
        ended(ending);
      };
      const cancel = scheduler.after(timeoutMs, () => die(instance, `at its timeout, at ${instance.at}`));
      deaths.set(instance, () => settle({ verdict: "died" }));
      body(instance).then(
        (value) => settle({ verdict: "returned", value }),
        (error: unknown) => settle({ verdict: "threw", error }),
      );
    },
    call<T>(instance: Instance, call: Call<T>): Promise<T> {
      const fate = fateOf(parts, call);
      instance.at = call.name;
      return new Promise<T>((resolve, reject) => {
        const fail = (): void => {
          tell(
            instance.name,
            `${call.name} fails ${fate.fails === "before" ? "and did nothing" : "after it was done"}`,
          );
          reject(call.failure?.error() ?? new ServiceError("ERR_LEDGER_DOWN", "the call was lost"));
        };
        if (fate.dies === "before") {
          scheduler.after(fate.thereMs, () => die(instance, `before ${call.name}`));
          return;
        }
        if (fate.fails === "before") {
          scheduler.after(fate.thereMs + fate.backMs, () => goOn(instance, fail));
          return;
        }
        if (fate.fails === "late") scheduler.after(fate.backMs, () => goOn(instance, fail));
        scheduler.after(fate.thereMs, () =>
          land(instance, call, (result) => {
            if (fate.fails === "late") return;
            scheduler.after(fate.backMs, () => {
              if (fate.dies === "after") return die(instance, `after ${call.name}`);
              goOn(instance, fate.fails === "after" ? fail : () => void result().then(resolve, reject));
            });
          }),
        );
      });
    },
    pause(instance, ms) {
      instance.at = "a pause";
      return new Promise((resolve) => {
        scheduler.after(Math.max(1, ms), () => goOn(instance, resolve));
      });
    },
  };
};
