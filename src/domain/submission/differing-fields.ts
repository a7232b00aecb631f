import type { Fault } from "#domain/fault.ts";
import type { NewSubmission, Submission } from "./submission.ts";

/** Most fields that a conflict names. */
const namedAtMost = 20;

const anyField: readonly Fault[] = [{ pointer: "/requestId", message: "was used for another job request" }];

/**
 * The fields by which a job request differs from the first one of its key, as the caller wrote both: what the tenant's
 * files make of them, and may have made otherwise at that time, does not count. Values are not told.
 */
export const differingFields = (
  first: Pick<Submission, "tenantId" | "fieldDigests">,
  { tenantId, fieldDigests: fields }: NewSubmission,
): readonly Fault[] => {
  const { fieldDigests: before } = first;
  if (first.tenantId !== tenantId || before === undefined || fields === undefined) return anyField;
  const pointers = Object.keys({ ...fields, ...before }).filter((pointer) => fields[pointer] !== before[pointer]);
  if (pointers.length === 0) return anyField;
  return pointers.slice(0, namedAtMost).map((pointer) => ({
    pointer,
    message: "differs from the first job request of this request id",
  }));
};
