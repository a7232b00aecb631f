import * as z from "zod/mini";
import { type PolicyTemplate, policyTemplateSchema } from "#domain/tenant/policy-template.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { accountId, region } from "./turns-setup.ts";

const glue = `arn:aws:glue:${region}:${accountId}`;
const logGroup = `arn:aws:logs:${region}:${accountId}:log-group:/sluice/{{tenant.id}}`;
const results = `arn:aws:sqs:${region}:${accountId}:{{tenant.id}}-results`;
const code = "arn:aws:s3:::{{variables.codeBucket}}/*";
const lake = "arn:aws:s3:::{{variables.lakeBucket}}";
const logs = "arn:aws:s3:::{{variables.logBucket}}/{{tenant.id}}/*";
const database = `${glue}:database/{{variables.database}}`;
const tables = `${glue}:table/{{variables.database}}/*`;

const allow = (Sid: string, Action: readonly string[], Resource: readonly string[]) => ({
  Sid,
  Effect: "Allow",
  Action,
  Resource,
});

/** Ten statements: what the shipped templates have, together, with a queue and a Deny. */
const written = {
  name: "ten-statements",
  variables: {
    lakeBucket: { type: "bucket", pattern: "*-lake", default: "sluice-lake" },
    logBucket: { type: "bucket", pattern: "*-logs", default: "sluice-logs" },
    codeBucket: { type: "bucket", pattern: "{{tenant.id}}-jobs" },
    database: { type: "name", pattern: "{{tenant.id}}_*" },
    keyArn: { type: "arn", pattern: "arn:aws:kms:*:key/*", unique: true },
  },
  territory: [
    code,
    `${lake}/{{tenant.id}}/*`,
    logs,
    database,
    tables,
    "{{variables.keyArn}}",
    logGroup,
    `${logGroup}:*`,
    results,
  ],
  shared: [{ actions: ["glue:GetDatabase"], resources: [`${glue}:catalog`, `${glue}:database/default`] }],
  document: {
    Version: "2012-10-17",
    Statement: [
      allow("Code", ["s3:GetObject"], [code]),
      allow("Data", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], [`${lake}/{{tenant.id}}/*`]),
      {
        ...allow("List", ["s3:ListBucket"], [lake]),
        Condition: { StringLike: { "s3:prefix": ["{{tenant.id}}/", "{{tenant.id}}/*"] } },
      },
      allow("Logs", ["s3:PutObject"], [logs]),
      allow("Tables", ["glue:GetTable", "glue:GetPartitions", "glue:UpdateTable"], [database, tables]),
      allow("Default", ["glue:GetDatabase"], [`${glue}:catalog`, `${glue}:database/default`]),
      allow("Key", ["kms:Decrypt", "kms:GenerateDataKey"], ["{{variables.keyArn}}"]),
      allow("LogGroup", ["logs:CreateLogStream", "logs:PutLogEvents"], [logGroup, `${logGroup}:*`]),
      allow("Results", ["sqs:SendMessage"], [results]),
      { Sid: "Raw", Effect: "Deny", Action: ["s3:DeleteObject"], Resource: [`${lake}/{{tenant.id}}/raw/*`] },
    ],
  },
};

const parsed = (text: string): PolicyTemplate => z.parse(policyTemplateSchema, JSON.parse(text));

const text = JSON.stringify(written);
export const tightTemplate = parsed(text);

/** The same but for one character: "tenant-1" reaches the data of "tenant-10". */
export const leakyTemplate = parsed(text.replaceAll(`${lake}/{{tenant.id}}/*`, `${lake}/{{tenant.id}}*`));

/** So many tenants of a template. Their ids begin each other, so that only what follows keeps them apart. */
export const tenantsUnder = (
  policyTemplate: PolicyTemplate,
  count: number,
  { tenant, ...example }: TenantSetup,
): TenantSetup[] =>
  Array.from({ length: count }, (_, at) => {
    const tenantId = `tenant-${at}`;
    const variables = {
      codeBucket: `${tenantId}-jobs`,
      database: `${tenantId}_db`,
      keyArn: `arn:aws:kms:${region}:${accountId}:key/00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
    };
    const policy = { template: policyTemplate.name, variables, managedPolicyArns: [], acknowledged: [] };
    return { ...example, policyTemplate, tenant: { ...tenant, tenantId, policy } };
  });
