import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fileFaultLine } from "#adapters/files/file-fault.ts";
import { readTenantFiles } from "#adapters/files/tenant-files.ts";
import { renderExecutionPolicy } from "#domain/plan/execution-policy.ts";
import { planSubmission } from "#domain/plan/plan.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { requestOfSchedule, requestOfTrigger } from "#domain/tenant/triggered-request.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

const setups = async (): Promise<TenantSetup[]> => {
  const read = await readTenantFiles(root);
  if (read.verdict === "read") return read.setups;
  throw new Error(read.faults.map(fileFaultLine).join("\n"));
};

const setupOf = async (tenantId: string): Promise<TenantSetup> => {
  const found = (await setups()).find(({ tenant }) => tenant.tenantId === tenantId);
  if (found === undefined) throw new Error(`Cannot find the example ${tenantId}`);
  return found;
};

const policyOf = ({ tenant, policyTemplate }: TenantSetup): string => {
  const { variables } = tenant.policy;
  const ids = { tenantId: tenant.tenantId, submissionId: "s".repeat(64), applicationId: "0".repeat(16) };
  const rendered = renderExecutionPolicy(policyTemplate, { ...ids, variables });
  if (rendered.verdict === "refused") throw new Error(JSON.stringify(rendered.faults));
  return rendered.policy;
};

test("The example tenants are acme, globex and initech", async () => {
  expect((await setups()).map(({ tenant }) => tenant.tenantId)).toEqual(["acme", "globex", "initech"]);
});

test("No example policy names another tenant, and each ARN ends or has a slash where a value was put in", async () => {
  const all = await setups();
  for (const setup of all) {
    const policy = policyOf(setup);
    for (const { tenant } of all.filter((other) => other !== setup)) expect(policy).not.toContain(tenant.tenantId);
    for (const text of JSON.stringify(setup.policyTemplate.document).matchAll(/\{\{[^{}]*\}\}(.)/g))
      expect('/"').toContain(text[1]);
  }
});

test("The examples carry no developer callers", async () => {
  for (const { tenant } of await setups()) {
    expect(tenant.callers).not.toEqual([]);
    for (const caller of tenant.callers) expect(caller).not.toMatch(/dev:|^sender:[a-z]/);
  }
});

test("A CSV that is uploaded for globex is planned as a run of its job template", async () => {
  const setup = await setupOf("globex");
  const [trigger] = setup.tenant.triggers;
  if (trigger === undefined) throw new Error("Cannot find the trigger of globex");
  const request = requestOfTrigger(trigger, { bucket: "globex-inbox", key: "incoming/orders.csv", version: "1" });
  const plan = planSubmission({ setup, request, submissionId: "s3.abc", door: "events" });
  expect(plan).toMatchObject({
    verdict: "planned",
    input: {
      applicationId: "00sluicelocal001",
      executionTimeoutMinutes: 30,
      jobDriver: {
        sparkSubmit: {
          entryPoint: "s3://globex-jobs/csv_to_parquet.py",
          entryPointArguments: [
            "s3://globex-inbox/incoming/orders.csv",
            "s3://sluice-lake/globex/uploads/",
            "--delimiter",
            ",",
            "--header",
            "true",
            "--max-rows",
            "0",
          ],
        },
      },
    },
  });
});

test("The night of initech is planned as a Hive job run", async () => {
  const setup = await setupOf("initech");
  const [schedule] = setup.tenant.schedules;
  if (schedule === undefined) throw new Error("Cannot find the schedule of initech");
  const plan = planSubmission({ setup, request: requestOfSchedule(schedule), submissionId: "sch.abc", door: "events" });
  expect(plan).toMatchObject({
    verdict: "planned",
    input: {
      applicationId: "00sluicelocal003",
      executionTimeoutMinutes: 60,
      jobDriver: {
        hive: { query: "s3://initech-jobs/rollup.sql", parameters: expect.stringContaining("rollup.grain=day") },
      },
    },
  });
});
