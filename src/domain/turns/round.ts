import type { Services } from "#domain/ports.ts";
import type { Failure } from "#domain/submission/outcome.ts";
import type { Submission } from "#domain/submission/submission.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import type { TurnState } from "./fair-turns.ts";

/** What a dispatcher did before it stopped. */
export interface Done {
  readonly started: Submission[];
  /** Turns that came to an error which nobody foresaw; the submissions are started again when their lease has run out. */
  readonly failures: Failure[];
  /** Turns whose start is not confirmed: tried again as well, and until then the submission says why. */
  readonly unconfirmed: Failure[];
}

/** A tenant in the line: its limits, and its waiting submissions as far as they were read, at which look. */
interface Waiting {
  readonly tenant: Tenant;
  readonly submissions: Submission[];
  readonly look: number;
}

/** What a dispatcher knows while it leads. */
export interface Round extends Done {
  readonly services: Services;
  readonly owner: string;
  readonly until: string;
  turns: TurnState;
  /** How often the line was looked at, and when to look again: after a pause for a token, and as time goes by. */
  look: number;
  lookAt: string;
  /** Until when the doors are held off the tokens. */
  heldUntil: string;
  /** Tenants that could start a job now. */
  readonly ready: Map<string, Waiting>;
  /** Submissions that had their turn since the line was read: an index that lags may still call them waiting. */
  readonly tried: Set<string>;
  /** Starts whose answer is still to come: their submissions have had their turn. */
  readonly underWay: Set<Promise<void>>;
}
