import { createHash } from "node:crypto";
import type { ServiceError } from "#domain/errors.ts";
import { type Plan, type Planning, planSubmission } from "#domain/plan/plan.ts";
import type { StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import { tenantProofOf, valuesOf } from "#domain/proof/provable.ts";
import { type JobRequest, parseJobRequest } from "#domain/request/job-request.ts";
import { type JobTemplate, jobTemplateSchema } from "#domain/tenant/job-template.ts";
import { type PolicyTemplate, policyTemplateSchema } from "#domain/tenant/policy-template.ts";
import { type Tenant, tenantSchema } from "#domain/tenant/tenant.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("base64url");

/** The time of every test that needs one. */
export const noon = "2026-11-22T12:00:00.000Z";

/** The id that planned job runs of these tests have. */
export const submissionId = "req.abc";

/**
 * What a tenant's file may leave out is left out, so that a test shows all that it is about. The guard rail that adds to
 * every Spark job is down, so that a job is planned as it was asked for.
 */
export const sampleTenant = (own: Readonly<Record<string, unknown>> = {}): Tenant =>
  tenantSchema.parse({
    tenantId: "acme",
    applications: { main: "00f1abc" },
    executionRoleArn: "arn:aws:iam::111122223333:role/sluice-job",
    policy: { template: "own-prefix", variables: { bucket: "data" } },
    entryPoints: ["s3://jobs/{{tenant.id}}/"],
    adHoc: true,
    guardRails: { acknowledged: [{ rail: "executors", reason: "its own tests show what it adds" }] },
    ...own,
  });

/** Lets a job reach its tenant's own prefix in one bucket. */
export const samplePolicyTemplate = (own: Readonly<Record<string, unknown>> = {}): PolicyTemplate =>
  policyTemplateSchema.parse({
    name: "own-prefix",
    variables: { bucket: { type: "bucket" } },
    territory: ["arn:aws:s3:::{{variables.bucket}}/{{tenant.id}}/*"],
    document: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "s3:GetObject",
          Resource: "arn:aws:s3:::{{variables.bucket}}/{{tenant.id}}/*",
        },
      ],
    },
    ...own,
  });

/** The policy of `samplePolicyTemplate` for tenant acme. */
export const acmePolicy =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/acme/*"}]}';

/** A nightly report: a date, and how many rows at most. */
export const sampleJobTemplate = (own: Readonly<Record<string, unknown>> = {}): JobTemplate =>
  jobTemplateSchema.parse({
    name: "nightly",
    parameters: { date: { type: "date" }, rows: { type: "integer", default: 100, minimum: 1, maximum: 1000 } },
    jobDriver: {
      sparkSubmit: {
        entryPoint: "s3://jobs/{{tenant.id}}/nightly.py",
        entryPointArguments: ["--date", "{{parameters.date}}", "--rows", "{{parameters.rows}}"],
      },
    },
    ...own,
  });

export interface SampleSetup {
  readonly tenant?: Readonly<Record<string, unknown>>;
  readonly policyTemplate?: Readonly<Record<string, unknown>>;
  readonly jobTemplates?: readonly JobTemplate[];
}

/** A setup with the proof that its files would have. */
export const proved = (setup: TenantSetup): TenantSetup => {
  const values = valuesOf(setup);
  return values === undefined ? setup : { ...setup, proof: tenantProofOf(setup, values, sha256) };
};

/** Tenant acme with its policy template and its job template "nightly". */
export const sampleSetup = ({
  tenant,
  policyTemplate,
  jobTemplates = [sampleJobTemplate()],
}: SampleSetup = {}): TenantSetup =>
  proved({
    tenant: sampleTenant({ jobTemplates: jobTemplates.map(({ name }) => name), ...tenant }),
    policyTemplate: samplePolicyTemplate(policyTemplate),
    jobTemplates,
  });

/** The smallest ad-hoc job request of tenant acme. */
export const adHocRequest = (own: Partial<JobRequest> = {}): JobRequest => ({
  jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/acme/report.py" } },
  ...own,
});

/** A document as a job request; fails the test where it is refused. */
export const requestOf = (document: unknown): JobRequest => {
  const parsed = parseJobRequest(document);
  if (parsed.verdict === "refused") throw parsed.error;
  return parsed.value;
};

/** The plan of a request in a setup, as if it had come over HTTP. */
export const planOf = (request: JobRequest, setup: TenantSetup = sampleSetup(), own: Partial<Planning> = {}): Plan =>
  planSubmission({ setup, request, submissionId, door: "http", ...own });

/** The StartJobRun input of a request; fails the test where it is refused. */
export const inputOf = (request: JobRequest, setup?: TenantSetup): StartJobRunInput => {
  const plan = planOf(request, setup);
  if (plan.verdict === "refused") throw plan.error;
  return plan.input;
};

/** The refusal of a request; fails the test where it is planned. */
export const refusalOf = (request: JobRequest, setup?: TenantSetup): ServiceError => {
  const plan = planOf(request, setup);
  if (plan.verdict === "planned") throw new Error("the job request was planned, not refused");
  return plan.error;
};
