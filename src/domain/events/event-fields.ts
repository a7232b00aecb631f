import * as z from "zod/mini";
import { reasons } from "#domain/submission/reason.ts";

/** ISO 8601 in UTC with milliseconds. */
export const time = z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/));

const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const milliseconds = z.optional(z.int());
const tags = z.record(z.string(), z.string());

export const tenantId = z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{1,38}$/));
const submissionId = z
  .string()
  .check(z.regex(/^[A-Za-z0-9._-]{1,64}$/), z.describe("StartJobRun's clientToken as well."));

/** Whose submission it is and how it came. */
export const identity = {
  tenantId,
  submissionId,
  door: z.enum(["http", "queue", "events"]),
  caller: z.string().check(z.describe("Who sent the job request, as AWS proved them.")),
  requestId: z.optional(z.string().check(z.describe("The caller's own idempotency key."))),
  jobTemplate: z.optional(z.string()),
  parametersSha256: z.optional(sha256.check(z.describe("Of the job template's parameters as canonical JSON."))),
  rerunOf: z.optional(submissionId.check(z.describe("The submission whose job this one runs again."))),
  acceptedAt: time,
};

/** What was sent to StartJobRun, as far as events tell of it. */
export const frozen = {
  executionPolicySha256: sha256.check(z.describe("Of the execution policy as it was sent.")),
  inputSha256: sha256.check(z.describe("Of the StartJobRun input as JSON, as the ledger has it.")),
  tags,
};

export const durations = z
  .strictObject({
    waitingMilliseconds: milliseconds,
    pendingMilliseconds: milliseconds,
    runningMilliseconds: milliseconds,
    totalMilliseconds: milliseconds,
  })
  .check(
    z.describe(
      "From acceptance to StartJobRun, to the driver's start, to the end, and the whole; each where it is known.",
    ),
  );

const utilization = z.strictObject({
  vCPUHour: z.optional(z.number()),
  memoryGBHour: z.optional(z.number()),
  storageGBHour: z.optional(z.number()),
});

export const jobRun = z
  .strictObject({
    applicationId: z.string(),
    jobRunId: z.string(),
    arn: z.string(),
    name: z.optional(z.string()),
    state: z.string().check(z.describe("EMR Serverless's own word.")),
    stateDetails: z.optional(z.string()),
    attempt: z.optional(z.int()),
    mode: z.optional(z.string()),
    releaseLabel: z.optional(z.string()),
    createdAt: time,
    updatedAt: z.optional(time),
    startedAt: z.optional(time),
    endedAt: z.optional(time),
    queuedDurationMilliseconds: z.optional(z.number()),
    totalExecutionDurationSeconds: z.optional(z.number()),
    totalResourceUtilization: z.optional(utilization),
    billedResourceUtilization: z.optional(utilization),
    tags: z.optional(tags),
  })
  .check(z.describe("The job run as GetJobRun tells of it, without its driver, its policy and its overrides."));

/** What a job run cost, or why that cannot be said. */
export const costing = {
  cost: z.optional(
    z
      .strictObject({
        amount: z.string().check(z.regex(/^\d+\.\d{6}$/), z.describe("Decimal text: sums of amounts are exact.")),
        currency: z.string(),
        basis: z.enum(["billedResourceUtilization", "totalResourceUtilization"]),
        region: z.string(),
        architecture: z.string(),
        pricesAsOf: z.string().check(z.describe("The day of the prices.")),
        estimate: z.literal(true),
      })
      .check(z.describe("An estimate by the price table: no discounts, no taxes.")),
  ),
  costMissing: z.optional(
    z
      .strictObject({
        code: z.enum(["UTILIZATION_MISSING", "ARCHITECTURE_UNKNOWN", "PRICE_MISSING"]),
        message: z.string(),
      })
      .check(z.describe("Why there is no cost, in place of it.")),
  ),
};

export const logs = z
  .strictObject({ stdout: z.string(), stderr: z.string() })
  .check(z.describe("S3 URIs of the driver's output, written some seconds after the end."));

export const problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().check(z.regex(/^ERR_[A-Z_]+$/), z.describe("docs/errors.md has all of them; they never change.")),
    retryable: z.boolean(),
    errors: z.array(
      z.strictObject({
        pointer: z.string(),
        detail: z.string(),
        current: z.optional(z.string()),
        wanted: z.optional(z.string()),
      }),
    ),
  })
  .check(z.describe("RFC 9457 problem document, as an HTTP caller would have got it."));

export const outcome = z
  .enum(["SUCCESS", "FAILED", "CANCELLED", "UNKNOWN"])
  .check(
    z.describe("The state that the job run ended in; UNKNOWN where EMR Serverless does not know the run any more."),
  );

export const reason = z.enum(reasons).check(z.describe("Why it ended so, in words of ours."));
