import { ServiceError } from "#domain/errors.ts";
import { type Fault, faultAt } from "#domain/fault.ts";
import { type JobRequest, type Parsed, summary } from "#domain/request/job-request.ts";

/** A request id that came beside the document, in a header or in a message attribute. */
export interface OutsideRequestId {
  readonly requestId?: string;
  readonly fault?: Fault;
}

/** Checks a request id by the same rule as one in the document: it is stored and shown, so it is short and printable. */
export const outsideRequestId = (place: readonly string[], value: string | undefined): OutsideRequestId => {
  if (value === undefined) return {};
  return /^[\x20-\x7e]{1,255}$/.test(value)
    ? { requestId: value }
    : { fault: faultAt(place, value, "1 to 255 printable ASCII characters") };
};

/** A parsed document with one more fault: all faults are told at once, wherever they are. */
export const withFault = (parsed: Parsed<JobRequest>, { fault }: OutsideRequestId): Parsed<JobRequest> => {
  if (fault === undefined) return parsed;
  const faults = parsed.verdict === "refused" ? [...parsed.error.faults, fault] : [fault];
  const code = parsed.verdict === "refused" ? parsed.error.code : "ERR_JOB_REQUEST_INVALID";
  return {
    verdict: "refused",
    error: new ServiceError(code, `Cannot read the job request: ${summary(faults)}`, { faults }),
  };
};
