import type { TurnState } from "./fair-turns.ts";
import type { Entry, Line, Suspects, Tokens } from "./line.ts";
import type { LimitedApi } from "./token-bucket.ts";

/**
 * Slots, rate tokens and the order of turns. Each method is one conditional update of one item, but for the reads.
 * Slots are a set of names, one a submission (slotOf), so taking and freeing one may be repeated.
 */
export interface Starts {
  /** A door's way in: slots for as many as fit, in order, where nobody of the tenant waits and nothing is suspended. */
  enter(tenantId: string, slots: readonly string[], maxActive: number): Promise<Entry>;
  /** Counts so many more as waiting, unless that makes more than `maxWaiting`. */
  queueUp(tenantId: string, count: number, maxWaiting: number): Promise<boolean>;
  /**
   * Counts so many more as waiting behind others of the tenant, where somebody waits and nothing is suspended: `full` where
   * that makes more than `maxWaiting`, `unsure` where `enter` has to say.
   */
  queueBehind(tenantId: string, count: number, maxWaiting: number): Promise<"queued" | "full" | "unsure">;
  /** The dispatcher's way in: one less waits, one more is active. A submission that has a slot keeps it and counts once. */
  takeTurn(tenantId: string, slot: string, maxActive: number): Promise<"taken" | "full" | "suspended">;
  /** A turn back: one less is active, one more waits. False where the submission has no slot: then nothing changes. */
  giveBack(tenantId: string, slot: string): Promise<boolean>;
  leave(tenantId: string, slots: readonly string[]): Promise<void>;
  /** Gives a started submission the slot back that it lost, whatever the limit; false where it has it. */
  restoreSlot(tenantId: string, slot: string): Promise<boolean>;
  /** Counts so many less as waiting. */
  leaveLine(tenantId: string, count: number): Promise<void>;
  line(tenantId: string): Promise<Line>;
  /** Puts the count of waiting right, where it still is what was read. */
  correctWaiting(tenantId: string, from: number, to: number): Promise<boolean>;
  /** Notes slots that no submission was found for, to be looked at again. */
  suspect(tenantId: string, slots: readonly string[], since: string): Promise<void>;
  /** Frees some of the suspects, unless the suspicion has changed since it was read: whoever takes a suspect clears it. */
  freeSuspects(tenantId: string, slots: readonly string[], suspects: Suspects): Promise<boolean>;
  /** Suspends a tenant's starts, or all, with a message that callers see; without a message they go on. */
  suspend(tenantId: string | "*", message: string | undefined): Promise<void>;
  /** Tenants of whom somebody waits. It may lag. */
  waitingTenants(): Promise<readonly string[]>;
  /** Tenants with active submissions, a page of them after `after`. It may lag. */
  activeTenants(after: string | undefined): Promise<readonly string[]>;
  /** Takes up to `wanted` tokens of an API's bucket. A door gets none while the dispatcher holds the bucket. */
  takeTokens(api: LimitedApi, wanted: number, by: "door" | "dispatcher"): Promise<Tokens>;
  /** Gives back tokens that were taken and not used: taken twice, they are lost; given back twice, AWS throttles. */
  returnTokens(api: LimitedApi, count: number): Promise<void>;
  /** Keeps the doors off StartJobRun's tokens until then, because somebody waits for them. */
  holdTokens(until: string): Promise<void>;
  /** Empties a bucket: AWS throttled all the same. */
  emptyBucket(api: LimitedApi): Promise<void>;
  /** Makes `owner` the only dispatcher until then, and hands it the order of turns; nothing where another is. */
  lead(owner: string, until: string): Promise<TurnState | undefined>;
  /** Keeps the order of turns and the lead; false where the lead was lost. An `until` of now gives the lead up. */
  keepTurns(owner: string, turns: TurnState, until: string): Promise<boolean>;
}
