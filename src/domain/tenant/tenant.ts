import * as z from "zod/mini";
import { executionTimeoutMinutes, monitoringConfiguration, tags } from "#domain/request/job-run-fields.ts";
import {
  accountId,
  amount,
  applicationId,
  bucketName,
  currency,
  eventSource,
  managedPolicyArn,
  name,
  queueArn,
  roleArn,
  s3Prefix,
  scheduleArn,
  tenantId,
  variableName,
} from "./names.ts";
import { acknowledgements, propertyRules } from "./property-rules.ts";

/** Events go to a queue of SQS and to nowhere else; to one on this machine where the embedded SQS is meant. */
const queueUrl = z.string().check(
  z.maxLength(1024, { abort: true }),
  z.regex(
    /^(https:\/\/sqs(-fips)?\.[a-z0-9-]{1,40}\.amazonaws\.com(\.cn)?|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?)\/\d{12}\/[A-Za-z0-9_-]{1,80}(\.fifo)?$/,
    {
      message:
        'the URL of an SQS queue such as "https://sqs.us-east-1.amazonaws.com/111122223333/acme-completions", or of one on loopback',
    },
  ),
);

const describe = (text: string) => z.describe(text);

const parameterValues = z.record(variableName, z.union([z.string(), z.number(), z.boolean()]));

/** How AWS proved a caller, and who it is: exactly one form each, compared as a whole. */
const caller = z.string().check(
  z.regex(/^(iam:arn:|sender:|jwt:[\w:.-]+=|lambda:[\w:.-]+=).+$/, {
    message:
      'a caller such as "iam:<role or user ARN>", "sender:<SQS SenderId>", "jwt:<claim>=<value>" or "lambda:<key>=<value>"',
  }),
);

/** What a message on a queue may be, besides a job request. */
const envelope = z.enum(["s3", "sns", "eventbridge"]);

const queue = z.strictObject({
  arn: queueArn,
  envelopes: z.optional(z.array(envelope)),
});

const trigger = z.strictObject({
  name,
  bucket: bucketName,
  prefix: z.string().check(z.maxLength(1024), describe("Keys that begin with it start the job.")),
  suffix: z._default(z.string().check(z.maxLength(1024)), ""),
  application: z.optional(name),
  jobTemplate: name,
  parameters: z._default(parameterValues, {}),
});

const schedule = z.strictObject({
  arn: scheduleArn,
  application: z.optional(name),
  jobTemplate: name,
  parameters: z._default(parameterValues, {}),
});

/** A tenant as its file tenants/<tenantId>.yaml gives it. */
export const tenantSchema = z.strictObject({
  $schema: z.optional(z.string()),
  tenantId: tenantId.check(describe("The name of the file, and the tenant's S3 prefix, tag and path.")),
  description: z.optional(z.string()),
  applications: z.record(name, applicationId).check(
    z.refine((aliases) => Object.keys(aliases).length >= 1, { message: "at least one application" }),
    describe("EMR Serverless applications by alias. A job request without an alias runs on defaultApplication."),
  ),
  defaultApplication: z.optional(name.check(describe("Alias of the application of jobs that name none."))),
  executionRoleArn: roleArn.check(describe("The job runtime role of this tenant's job runs.")),
  policy: z.strictObject({
    template: name.check(describe("Name of a file in policies/: the execution policy of every job run.")),
    variables: z._default(z.record(variableName, z.string()), {}),
    managedPolicyArns: z._default(z.array(managedPolicyArn).check(z.maxLength(10)), []),
    acknowledged: z._default(
      z
        .array(
          z.strictObject({
            action: z
              .string()
              .check(z.regex(/^[a-z0-9-]+:[A-Za-z0-9*?]+$/, { message: 'an action such as "sts:AssumeRole"' })),
            reason: z.string().check(z.minLength(1)),
          }),
        )
        .check(z.describe("Actions by which a job can get more than its policy gives, and why this tenant may.")),
      [],
    ),
  }),
  tags: z._default(tags().check(describe("On every job run; they win over the tags of a job request.")), {}),
  entryPoints: z._default(z.array(s3Prefix).check(describe("Prefixes that entry points must begin with.")), []),
  adHoc: z._default(z.boolean().check(describe("Whether a job request may bring its own job driver.")), false),
  jobTemplates: z._default(
    z.array(name).check(describe("Names of files in templates/: the jobs that this tenant may start by name.")),
    [],
  ),
  spark: propertyRules("Spark"),
  hive: propertyRules("Hive"),
  guardRails: z._default(
    z.strictObject({
      acknowledged: acknowledgements.check(
        describe("Guard rails that are let down for this tenant, each with a reason."),
      ),
    }),
    { acknowledged: [] },
  ),
  monitoringConfiguration: z.optional(monitoringConfiguration()),
  executionTimeout: z._default(
    z.strictObject({
      defaultMinutes: z._default(executionTimeoutMinutes(), 720),
      maxMinutes: z._default(executionTimeoutMinutes(), 720),
      streamingWithoutTimeout: z._default(z.boolean(), false),
    }),
    { defaultMinutes: 720, maxMinutes: 720, streamingWithoutTimeout: false },
  ),
  limits: z._default(
    z.strictObject({
      maxActive: z._default(z.int().check(z.gte(1), z.lte(1000), describe("Job runs of the tenant at once.")), 25),
      maxWaiting: z._default(
        z.int().check(z.gte(0), z.lte(1_000_000), describe("Submissions that may wait for a turn.")),
        10_000,
      ),
      weight: z._default(
        z.int().check(z.gte(1), z.lte(100), describe("Turns that it gets for each turn of a tenant of weight 1.")),
        1,
      ),
    }),
    { maxActive: 25, maxWaiting: 10_000, weight: 1 },
  ),
  budget: z.optional(
    z.strictObject({
      monthly: amount.check(
        describe('What job runs may cost in a month, such as "1000.00": from there on job requests are refused.'),
      ),
      currency: z._default(currency, "USD"),
      softShare: z._default(
        z.number().check(z.gte(0), z.lte(1), describe("The share of it at which a Budget Warning is published.")),
        0.8,
      ),
    }),
  ),
  callers: z._default(
    z.array(caller).check(describe("Who may send for this tenant, as AWS proves it: each for one tenant only.")),
    [],
  ),
  queues: z._default(z.array(queue).check(describe("Queues that only this tenant may send to.")), []),
  eventSources: z._default(
    z
      .array(eventSource)
      .check(
        describe("Event sources that only this tenant's principals may put, held by the condition events:source."),
      ),
    [],
  ),
  accounts: z._default(z.array(accountId).check(describe("Accounts whose events are this tenant's.")), []),
  triggers: z._default(z.array(trigger).check(describe("Uploads to S3 that start a job template.")), []),
  schedules: z._default(z.array(schedule).check(describe("Schedules that start a job template.")), []),
  events: z._default(
    z.strictObject({
      started: z._default(z.boolean().check(describe("Whether Submission Started is published as well.")), false),
    }),
    { started: false },
  ),
  completionQueueUrl: z.optional(
    queueUrl.check(describe("SQS queue that also gets the tenant's completion events; http is for loopback only.")),
  ),
});

export type Tenant = z.infer<typeof tenantSchema>;
export type Budget = NonNullable<Tenant["budget"]>;
export type Trigger = Tenant["triggers"][number];
export type Schedule = Tenant["schedules"][number];
export type Envelope = z.infer<typeof envelope>;
export type ParameterValue = string | number | boolean;
