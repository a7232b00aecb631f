import type { WaitingFor } from "#domain/submission/submission.ts";

/** Slots, and from when on they may be freed. */
export interface Suspects {
  readonly slots: readonly string[];
  readonly since: string;
}

/** A tenant's place in the scheme of turns. */
export interface Line {
  /** The slots that are taken. */
  readonly active: readonly string[];
  /** How many wait. It may be wrong by what a crash left undone; the dispatcher puts it right. */
  readonly waiting: number;
  /** The operator's message where the tenant's starts are suspended. */
  readonly suspended?: string;
  /** Slots that an audit found without a submission, and when. */
  readonly suspects?: Suspects;
}

/** What came of asking for slots: the ones that are held, and why the others must wait. */
export interface Entry {
  readonly entered: readonly string[];
  readonly waitingFor: WaitingFor;
}

/** What came of asking for tokens. `held`: others wait for tokens, so a door gets none. */
export interface Tokens {
  readonly taken: number;
  /** When the next token is there. */
  readonly nextAt: string;
  /** The operator's message where all starts are suspended. */
  readonly suspended?: string;
}
