import * as z from "zod/mini";
import {
  costing,
  durations,
  frozen,
  identity,
  jobRun,
  logs,
  outcome,
  problem,
  reason,
  tenantId,
  time,
} from "./event-fields.ts";

/** A CloudEvents 1.0 document in its JSON form: the detail on the bus, the body in the tenant's queue. */
const cloudEvent = <Data extends z.ZodMiniType>(type: string, subject: string, data: Data) =>
  z.strictObject({
    specversion: z.literal("1.0"),
    id: z.string().check(z.describe("The same however often the event is published: what comes again has this id.")),
    source: z.literal("sluice"),
    type: z.literal(type),
    subject: z.string().check(z.describe(subject)),
    time,
    sequence: z
      .string()
      .check(z.regex(/^\d{8}$/), z.describe("Orders the events of one subject as text, whenever they come.")),
    datacontenttype: z.literal("application/json"),
    data,
  });

const ofSubmission = <Data extends z.ZodMiniType>(type: string, data: Data) =>
  cloudEvent(type, "The submission id.", data);

const amount = z.string().check(z.regex(/^\d+\.\d{6}$/));

const ofBudget = (type: string) =>
  cloudEvent(
    type,
    "The budget: the tenant, the month, the amount and the currency.",
    z.strictObject({
      tenantId,
      month: z.string().check(z.regex(/^\d{4}-\d{2}$/)),
      currency: z.string(),
      monthly: amount.check(z.describe("The budget of a month.")),
      warnsAt: amount.check(z.describe("Its soft share.")),
      spent: amount.check(z.describe("What the job runs cost that ended in the month, in the budget's currency.")),
      costMissing: z.int().check(z.describe("Job runs of the month whose cost is not known.")),
      estimate: z.literal(true),
    }),
  );

const optionalTime = z.optional(time);

const started = z.strictObject({
  ...identity,
  applicationId: z.string(),
  jobRunId: z.string(),
  startedAt: time,
  durations,
  ...frozen,
});

const completed = z.strictObject({
  ...identity,
  outcome,
  reason,
  stateDetails: z.optional(z.string().check(z.describe("EMR Serverless's own words."))),
  applicationId: z.string(),
  jobRunId: z.optional(z.string().check(z.describe("Absent where it was cancelled while it waited."))),
  attempts: z.optional(z.int()),
  startedAt: optionalTime,
  runningAt: optionalTime,
  endedAt: optionalTime,
  completedAt: optionalTime,
  cancelRequestedAt: optionalTime,
  cancelledAt: optionalTime,
  missingSince: optionalTime,
  durations,
  jobRun: z.optional(jobRun),
  utilizationPending: z.optional(
    z.boolean().check(z.describe("The billed hours are not there yet: Submission Cost Updated follows.")),
  ),
  ...costing,
  logs: z.optional(logs),
  ...frozen,
});

const refused = z.strictObject({ ...identity, problem });

const costUpdated = z.strictObject({
  ...identity,
  outcome,
  reason: z.optional(reason),
  applicationId: z.string(),
  jobRunId: z.string(),
  completedAt: optionalTime,
  jobRun,
  ...costing,
});

/** What is published, by its detail-type. Fields may be added under the same version; none is taken away or means another thing. */
export const eventSchemas = {
  "Submission Started": ofSubmission("sluice.submission.started.v1", started),
  "Submission Completed": ofSubmission("sluice.submission.completed.v1", completed),
  "Submission Refused": ofSubmission("sluice.submission.refused.v1", refused),
  "Submission Cost Updated": ofSubmission("sluice.submission.cost-updated.v1", costUpdated),
  "Budget Warning": ofBudget("sluice.budget.warning.v1"),
  "Budget Exceeded": ofBudget("sluice.budget.exceeded.v1"),
} as const;
