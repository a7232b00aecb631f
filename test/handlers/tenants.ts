import { jobTemplateSchema } from "#domain/tenant/job-template.ts";
import { policyTemplateSchema } from "#domain/tenant/policy-template.ts";
import { tenantSchema } from "#domain/tenant/tenant.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { proved } from "#test/helpers/setup.ts";

const queueArn = (name: string): string => `arn:aws:sqs:us-east-1:123456789012:${name}`;

/** A queue that many tenants send to. */
export const sharedQueue = queueArn("shared");
export const sharedFifoQueue = queueArn("shared.fifo");

/** What each of the two tenants has, so that a test can say "the same, but of the other". */
export const proofsOfTenant = (tenantId: string, account: string) => ({
  client: `${tenantId}-app`,
  subject: `${tenantId}-subject`,
  principal: `${tenantId}-principal`,
  roleArn: `arn:aws:iam::${account}:role/${tenantId}-runner`,
  userArn: `arn:aws:iam::${account}:user/teams/${tenantId}-robot`,
  userId: `AIDA${tenantId.toUpperCase()}`,
  roleId: `AROA${tenantId.toUpperCase()}`,
  /** Takes job requests only. */
  queue: queueArn(`${tenantId}-jobs`),
  /** Takes every kind of envelope. */
  inbox: queueArn(`${tenantId}-inbox`),
  source: `${tenantId}.jobs`,
  account,
  schedule: `arn:aws:scheduler:us-east-1:123456789012:schedule/default/${tenantId}-nightly`,
  rule: `arn:aws:events:us-east-1:123456789012:rule/${tenantId}-nightly`,
  completionQueueUrl: `https://sqs.us-east-1.amazonaws.com/123456789012/${tenantId}-completions`,
});

export const ofAcme = proofsOfTenant("acme", "111122223333");
export const ofGlobex = proofsOfTenant("globex", "444455556666");

/** The bucket that both tenants' uploads are in, below a prefix each. */
export const uploads = "uploads";

const jobTemplates = [
  jobTemplateSchema.parse({
    name: "nightly",
    parameters: { date: { type: "date", default: "2026-11-21" } },
    jobDriver: {
      sparkSubmit: { entryPoint: "s3://jobs/nightly.py", entryPointArguments: ["--date", "{{parameters.date}}"] },
    },
  }),
  jobTemplateSchema.parse({
    name: "import",
    parameters: { file: { type: "s3Uri", prefixes: ["s3://uploads/{{tenant.id}}/"] } },
    jobDriver: {
      sparkSubmit: { entryPoint: "s3://jobs/import.py", entryPointArguments: ["--file", "{{parameters.file}}"] },
    },
  }),
];

const setupOf = (tenantId: string, own: ReturnType<typeof proofsOfTenant>): TenantSetup =>
  proved({
    tenant: tenantSchema.parse({
      tenantId,
      applications: { main: `00f1${tenantId}` },
      executionRoleArn: `arn:aws:iam::123456789012:role/${tenantId}-job`,
      policy: { template: "own-prefix", variables: {} },
      entryPoints: ["s3://jobs/{{tenant.id}}/"],
      adHoc: true,
      jobTemplates: ["nightly", "import"],
      callers: [
        `jwt:client_id=${own.client}`,
        `jwt:sub=${own.subject}`,
        `lambda:principalId=${own.principal}`,
        `iam:${own.roleArn.replace("role/", "role/teams/")}`,
        `iam:${own.userArn}`,
        `sender:${own.userId}`,
        `sender:${own.roleId}`,
      ],
      queues: [{ arn: own.queue }, { arn: own.inbox, envelopes: ["s3", "sns", "eventbridge"] }],
      eventSources: [own.source],
      accounts: [own.account],
      triggers: [
        {
          name: "csv",
          bucket: uploads,
          prefix: `${tenantId}/in/`,
          suffix: ".csv",
          jobTemplate: "import",
          parameters: { file: "{{object.uri}}" },
        },
      ],
      schedules: [
        { arn: own.schedule, jobTemplate: "nightly", parameters: { date: "2026-11-20" } },
        { arn: own.rule, jobTemplate: "nightly" },
      ],
      completionQueueUrl: own.completionQueueUrl,
    }),
    policyTemplate: policyTemplateSchema.parse({
      name: "own-prefix",
      territory: ["arn:aws:s3:::data/{{tenant.id}}/*"],
      document: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::data/{{tenant.id}}/*" }],
      },
    }),
    jobTemplates,
  });

export const acme = setupOf("acme", ofAcme);
export const globex = setupOf("globex", ofGlobex);
