import type { ConfigurationOverrides, JobDriver } from "#domain/request/job-run-fields.ts";

type Member<K extends keyof JobDriver> = NonNullable<JobDriver[K]>;

/** The union that StartJobRun takes: exactly one member. */
export type OneJobDriver =
  | { readonly sparkSubmit: Member<"sparkSubmit">; readonly hive?: never }
  | { readonly hive: Member<"hive">; readonly sparkSubmit?: never };

/** The one member of a job driver that was checked. */
export const oneJobDriver = ({ sparkSubmit, hive }: JobDriver): OneJobDriver => {
  if (sparkSubmit !== undefined) return { sparkSubmit };
  if (hive !== undefined) return { hive };
  throw new Error("A job driver without a member was planned, this is a bug");
};

/** StartJobRun's request, in its own field names: what is frozen with the submission and sent byte by byte. */
export interface StartJobRunInput {
  readonly applicationId: string;
  readonly clientToken: string;
  readonly executionRoleArn: string;
  readonly executionIamPolicy: { readonly policy: string; readonly policyArns?: string[] };
  readonly jobDriver: OneJobDriver;
  readonly configurationOverrides?: ConfigurationOverrides;
  readonly tags: Record<string, string>;
  readonly executionTimeoutMinutes: number;
  readonly name: string;
  readonly mode?: "BATCH" | "STREAMING";
  readonly retryPolicy?: {
    readonly maxAttempts?: number | undefined;
    readonly maxFailedAttemptsPerHour?: number | undefined;
  };
}

/** Something that the plan set or took away, with the rule that did it. */
export interface Change {
  readonly field: string;
  readonly rule: string;
}
