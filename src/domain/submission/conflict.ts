import { ServiceError } from "#domain/errors.ts";
import { differingFields } from "./differing-fields.ts";
import type { NewSubmission, Submission } from "./submission.ts";

/** The refusal of a job request whose key belongs to another one. */
export const conflictError = (first: Submission, proposed: NewSubmission): ServiceError => {
  const { submissionId, tenantId, requestId } = proposed;
  const key = requestId === undefined ? `submission "${submissionId}"` : `request id "${requestId}"`;
  const message = `Cannot submit the job request for tenant "${tenantId}": ${key} was used for another job request: send this one under a new request id`;
  return new ServiceError("ERR_SUBMISSION_CONFLICT", message, { faults: differingFields(first, proposed) });
};
