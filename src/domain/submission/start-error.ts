import { type ErrorCode, errorTable } from "#domain/errors.ts";
import { msBetween } from "#domain/time.ts";
import type { Submission } from "./submission.ts";

/** Why a submission's last start failed, which is tried again. */
export interface StartError {
  /** Absent for an error that nobody foresaw, and where whoever started it died. */
  readonly code?: ErrorCode;
  /** Since when it was tried in vain. */
  readonly since: string;
  /** Since when it may have a job run all the same: a call was not answered, or not yet. Absent where each was denied. */
  readonly mayRunSince?: string;
}

/** A call without an answer leaves nobody at work on the submission: it is tried again sooner than after a crash. */
const unansweredMs = 5_000;
const leastMs = 30_000;

/** What passes by itself is tried more often than what a person has to mend: each try costs the others a token. */
const mostMs = { passing: 300_000, mended: 900_000 };

const passing: readonly (ErrorCode | undefined)[] = ["ERR_EMR_BUSY", "ERR_EMR_DOWN", "ERR_LEDGER_DOWN"];

/** How long a start rests after an error, in milliseconds: as long as it was tried in vain by then, within bounds. */
export const restMs = ({ code, since }: StartError, now: string): number => {
  const least = code === "ERR_EMR_DOWN" ? unansweredMs : leastMs;
  const most = passing.includes(code) ? mostMs.passing : mostMs.mended;
  return Math.min(most, Math.max(least, msBetween(since, now)));
};

/** What its tenant is told of it: no role, no policy, which are the operator's to mend. */
export const startErrorView = ({ state, startError, leaseUntil }: Submission): Readonly<Record<string, unknown>> => {
  if (state !== "starting" || startError === undefined) return {};
  const { code, since } = startError;
  const said = code === undefined ? {} : { code, title: errorTable[code].title };
  return { startError: { ...said, since, nextTryAt: leaseUntil } };
};
