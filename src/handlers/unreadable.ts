import { ServiceError } from "#domain/errors.ts";
import { type Fault, pointerOf } from "#domain/fault.ts";
import { summary } from "#domain/request/job-request.ts";

/** A fault of an envelope. Its value is not told: it is in the message, and a log is no place for it. */
export const wantedAt = (path: readonly PropertyKey[], wanted: string): Fault => ({
  pointer: pointerOf(path),
  message: `must be ${wanted}`,
});

/** What an AWS service put around an event or a notification is not as AWS writes it: that is for good. */
export const unreadable = (envelope: string, faults: readonly Fault[]): ServiceError =>
  new ServiceError("ERR_ENVELOPE_UNREADABLE", `Cannot read the ${envelope}: ${summary(faults)}`, { faults });

export const isUnreadable = (error: unknown): error is ServiceError & { readonly code: "ERR_ENVELOPE_UNREADABLE" } =>
  error instanceof ServiceError && error.code === "ERR_ENVELOPE_UNREADABLE";
