import type { Random } from "./random.ts";

/** How a world treats what runs in it. Drawn from the seed once; all of it but the rates ends with the storm. */
export interface Profile {
  readonly mood: "calm" | "rough" | "hostile";
  /**
   * How the work comes: over the time of the storm, at once and for one tenant mostly, at once for two or more, or so much
   * of one, at a rate of many a second, that the others come while it is worked off.
   */
  readonly load: "spread" | "burst" | "contest" | "flood";
  /** How long faults happen and new work comes, in milliseconds. */
  readonly stormMs: number;
  /** When more work comes although the storm is over and what it broke is mended, in milliseconds; 0 where none does. */
  readonly laterMs: number;
  readonly latencyMs: number;
  /** How long StartJobRun takes, in milliseconds; 0 where it takes as long as any call. */
  readonly startMs: number;
  /** Chance and length of a call that takes much longer. */
  readonly slow: number;
  readonly slowMs: number;
  /** Chance that an instance dies at a call; before or after its effect. */
  readonly crash: number;
  /** Chance that a table's call fails; before or after its effect. */
  readonly tableFails: number;
  /** Chance that a caller stops waiting for a call that has its effect later. */
  readonly lateEffect: number;
  /** Chance and age of an old snapshot that an index answers from. */
  readonly lag: number;
  readonly lagMs: number;
  readonly skewMs: number;
  readonly emrThrottles: number;
  readonly emrFails: number;
  /** Chance that a token that was used is answered by a conflict. */
  readonly emrConflicts: number;
  readonly emrLosesAnswer: number;
  /** How long EMR Serverless knows a client token, in milliseconds. */
  readonly tokenMs: number;
  readonly eventsFail: number;
  readonly events: Readonly<Record<"lose" | "duplicate" | "delay" | "reorder", number>>;
  readonly wakeLost: number;
  readonly deliveredTwice: number;
  readonly operator: number;
}

const calm: Omit<Profile, "stormMs" | "load" | "startMs"> = {
  mood: "calm",
  laterMs: 0,
  latencyMs: 12,
  slow: 0,
  slowMs: 0,
  crash: 0,
  tableFails: 0,
  lateEffect: 0,
  lag: 0.2,
  lagMs: 100,
  skewMs: 20,
  emrThrottles: 0,
  emrFails: 0,
  emrConflicts: 0,
  emrLosesAnswer: 0,
  tokenMs: Number.POSITIVE_INFINITY,
  eventsFail: 0,
  events: { lose: 0, duplicate: 0, delay: 0, reorder: 0 },
  wakeLost: 0,
  deliveredTwice: 0,
  operator: 0,
};

/** Half of the chances of a world stay 0, so that a fault is also seen alone. */
const maybe = (random: Random, most: number): number => (random.chance(0.5) ? random.next() * most : 0);

export const profileOf = (random: Random): Profile => {
  const mood = random.pick(["calm", "rough", "rough", "hostile", "hostile"] as const);
  const stormMs = random.between(60, 300) * 1000;
  if (mood === "calm") {
    const load = random.pick(["spread", "spread", "spread", "burst", "contest", "contest", "flood"] as const);
    return { ...calm, stormMs, load, startMs: load === "flood" ? 200 : 0 };
  }
  const much = mood === "hostile" ? 3 : 1;
  return {
    mood,
    stormMs,
    load: random.pick(["spread", "spread", "burst", "burst", "contest"] as const),
    startMs: 0,
    laterMs: random.chance(0.15) ? stormMs + 190_000 : 0,
    latencyMs: random.pick([5, 20, 100]),
    slow: maybe(random, 0.02 * much),
    slowMs: random.pick([1000, 5000, 15_000]),
    crash: maybe(random, 0.02 * much),
    tableFails: maybe(random, 0.03 * much),
    lateEffect: maybe(random, 0.01 * much),
    lag: maybe(random, 0.8),
    lagMs: random.pick([200, 2000, 10_000]),
    skewMs: random.pick([0, 50, 500, 2000]),
    emrThrottles: maybe(random, 0.1 * much),
    emrFails: maybe(random, 0.1 * much),
    emrConflicts: maybe(random, 0.3),
    emrLosesAnswer: maybe(random, 0.1 * much),
    tokenMs: random.pick([Number.POSITIVE_INFINITY, 420_000]),
    eventsFail: maybe(random, 0.1 * much),
    events: {
      lose: random.pick([0, 0, 0.1, 0.5, 1]),
      duplicate: maybe(random, 0.3),
      delay: maybe(random, 0.3),
      reorder: maybe(random, 0.3),
    },
    wakeLost: maybe(random, 0.3),
    deliveredTwice: maybe(random, 0.1 * much),
    operator: random.pick([0, 1, 3]),
  };
};
