import type { Failure } from "#domain/submission/outcome.ts";
import type { Log } from "./door.ts";
import { errorRecord, levelOf } from "./error-record.ts";

interface Starts {
  readonly failures: readonly Failure[];
  readonly unconfirmed: readonly Failure[];
}

/** Says why starts failed, and why others are not confirmed: no caller waits for an answer that would say it. */
export const logStarts = ({ log }: { readonly log: Log }, { failures, unconfirmed }: Starts): void => {
  for (const { submissionId, error } of failures) log.error("start failed", { submissionId, ...errorRecord(error) });
  if (failures.length > 0) log.metrics({ StartsFailed: failures.length });
  for (const { submissionId, error } of unconfirmed)
    log[levelOf(error)]("start not confirmed", { submissionId, ...errorRecord(error) });
  if (unconfirmed.length > 0) log.metrics({ StartsUnconfirmed: unconfirmed.length });
};
