import { createHash } from "node:crypto";
import { prove } from "#domain/proof/prove.ts";
import { jobTemplateSchema } from "#domain/tenant/job-template.ts";
import { policyTemplateSchema } from "#domain/tenant/policy-template.ts";
import { type Tenant, tenantSchema } from "#domain/tenant/tenant.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";

export const tenantNames: readonly string[] = ["acme", "bolt", "cove", "dune", "ersa"];

/** The account that the embedded EMR Serverless takes for its own. */
export const accountId = "000000000000";

export const roleOf = (tenantId: string): string => `arn:aws:iam::${accountId}:role/jobs-${tenantId}`;

/** The policy of a tenant's files: each revision allows another action, so that one can be told from the next. */
const policyTemplateOf = (revision: number) =>
  policyTemplateSchema.parse({
    name: "own-prefix",
    territory: ["arn:aws:s3:::lake/{{tenant.id}}/*"],
    document: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: revision % 2 === 0 ? "s3:GetObject" : "s3:PutObject",
          Resource: "arn:aws:s3:::lake/{{tenant.id}}/*",
        },
      ],
    },
  });

const jobTemplate = jobTemplateSchema.parse({
  name: "nightly",
  parameters: { rows: { type: "integer", default: 100 } },
  jobDriver: {
    sparkSubmit: {
      entryPoint: "s3://jobs/{{tenant.id}}/nightly.py",
      entryPointArguments: ["--rows", "{{parameters.rows}}"],
    },
  },
});

const digest = (text: string): string => createHash("sha256").update(text).digest("base64url");

/** Who sends a tenant's messages, and its HTTP requests. */
export const senderOf = (tenantId: string): string => `AIDA${tenantId.toUpperCase()}`;
export const clientOf = (tenantId: string): string => `${tenantId}-app`;

/** Who moves dead letters back. */
export const operatorSender = "AROAOPERATOR";

const parsed = new Map<string, TenantSetup>();

const baseSetup = (tenantId: string, revision: number): TenantSetup => {
  const known = parsed.get(`${tenantId} ${revision}`);
  if (known !== undefined) return known;
  const tenant = tenantSchema.parse({
    tenantId,
    applications: { main: `00app${tenantId}`, shared: "00appshared" },
    defaultApplication: "main",
    executionRoleArn: roleOf(tenantId),
    policy: { template: "own-prefix" },
    tags: { owner: tenantId, revision: String(revision) },
    entryPoints: [`s3://jobs/${tenantId}/`],
    adHoc: true,
    jobTemplates: ["nightly"],
    callers: [`sender:${senderOf(tenantId)}`, `jwt:client_id=${clientOf(tenantId)}`],
  });
  const unproved: TenantSetup = { tenant, policyTemplate: policyTemplateOf(revision), jobTemplates: [jobTemplate] };
  const proof = prove([unproved], { digest }).tenants[0]?.proof;
  if (proof === undefined) throw new Error(`Tenant ${tenantId} of the simulation is not proven`);
  const setup = { ...unproved, proof };
  parsed.set(`${tenantId} ${revision}`, setup);
  return setup;
};

/** A tenant whose role, tags and policy show its name, with its own application and one that all share. */
export const setupOf = (tenantId: string, limits: Tenant["limits"], revision = 0): TenantSetup => {
  const setup = baseSetup(tenantId, revision);
  return { ...setup, tenant: { ...setup.tenant, limits } };
};
