import { fill, placeholdersIn, strayBraces, wholePlaceholder } from "#domain/placeholder.ts";
import type { JobRequest } from "#domain/request/job-request.ts";
import type { ObjectRef } from "./prove-tenant.ts";
import type { ParameterValue, Schedule, Trigger } from "./tenant.ts";

/** What a trigger's parameters may refer to. */
export const objectNames = ["object.bucket", "object.key", "object.uri"] as const;

const objectValues = ({ bucket, key }: ObjectRef): Record<string, string> => ({
  "object.bucket": bucket,
  "object.key": key,
  "object.uri": `s3://${bucket}/${key}`,
});

/** Whether a trigger's parameter reads as it must: without placeholders, or one known placeholder alone. */
export const isTriggerValue = (value: ParameterValue): boolean => {
  if (typeof value !== "string") return true;
  if (strayBraces(value)) return false;
  if (placeholdersIn(value).length === 0) return true;
  const name = wholePlaceholder(value);
  return objectNames.some((known) => known === name);
};

/** The job request that an uploaded object stands for. */
export const requestOfTrigger = (trigger: Trigger, object: ObjectRef): JobRequest => {
  const values = objectValues(object);
  const parameters = Object.entries(trigger.parameters).map(([name, value]): [string, ParameterValue] => [
    name,
    typeof value === "string" ? fill(value, (found) => values[found] ?? "") : value,
  ]);
  return {
    jobTemplate: trigger.jobTemplate,
    parameters: Object.fromEntries(parameters),
    ...(trigger.application !== undefined && { application: trigger.application }),
  };
};

/** The job request that a firing of a mapped schedule stands for. */
export const requestOfSchedule = ({ jobTemplate, parameters, application }: Schedule): JobRequest => ({
  jobTemplate,
  parameters,
  ...(application !== undefined && { application }),
});
