import type { StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import type { Doors } from "../doors.ts";
import type { RealRun } from "../emr.ts";
import type { Instance } from "../instances.ts";
import type { Sent } from "../lambda-queue.ts";
import type { SimulatedQueue } from "../queue.ts";
import type { World } from "../world.ts";

/** A world that has come to rest. */
export interface Finished {
  readonly world: World;
  readonly doors: Doors;
  readonly changes: SimulatedQueue<Sent>;
}

/** What has to hold for every world that has come to rest. */
export interface Invariant {
  readonly name: string;
  /** What is wrong, where something is. */
  readonly check: (finished: Finished) => string | undefined | Promise<string | undefined>;
}

/** A call of a port that has had its effect just now. */
export interface Effect {
  readonly instance: Instance;
  readonly port: string;
  readonly method: string;
  readonly given: readonly unknown[];
  readonly result: unknown;
}

/** What has to hold at every moment: each looks at what happens, as it happens, and tells the world of a breach. */
export interface LiveInvariant {
  after?(effect: Effect): void | Promise<void>;
  /** An instance calls an API of EMR Serverless, whatever it will answer. */
  called?(api: string, instance: Instance): void;
  /** A job is asked for, whatever the answer will be. */
  started?(input: StartJobRunInput): void;
  /** A job run begins. */
  created?(run: RealRun): void;
}
