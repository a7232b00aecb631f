import { ServiceError } from "#domain/errors.ts";
import type { Refusal, Submission } from "./submission.ts";

/**
 * What became of a delivery. `accepted`: it waits for its turn, or its start is not confirmed yet; it will start without
 * being sent again. `repeat`: the submission is an earlier delivery's.
 */
export type Outcome =
  | {
      readonly verdict: "started";
      readonly submission: Submission;
      readonly repeat: boolean;
      /** Why the event of its start is not published yet: for the log, since it will be. */
      readonly error?: ServiceError;
    }
  | {
      readonly verdict: "accepted";
      readonly submission: Submission;
      readonly repeat: boolean;
      /** Why its start is not confirmed: for the log, since nobody has to send it again. */
      readonly error?: ServiceError;
    }
  | {
      readonly verdict: "refused";
      readonly submission?: Submission;
      readonly error: ServiceError;
      readonly repeat: boolean;
    }
  /** It passes: the delivery is to come again. */
  | { readonly verdict: "failed"; readonly error: unknown };

export const refusalOf = ({ code, message, faults }: ServiceError): Refusal => ({ code, message, faults });

export const errorOf = ({ code, message, faults }: Refusal): ServiceError =>
  new ServiceError(code, message, { faults });

/** What one submission came to, for the log. */
export interface Failure {
  readonly submissionId: string;
  readonly error: unknown;
}

/** Why a start is not confirmed, where it is not: somebody who waits for no answer has to log it. */
export const unconfirmedOf = (outcome: Outcome): readonly Failure[] =>
  outcome.verdict === "accepted" && outcome.error !== undefined
    ? [{ submissionId: outcome.submission.submissionId, error: outcome.error }]
    : [];
