import { afterAll, beforeAll, expect, it } from "vitest";
import { dataOf, endOf, startWorld, type World } from "./local-world.ts";

const hello = { name: "hello", jobDriver: { sparkSubmit: { entryPoint: "s3://acme-jobs/hello.py" } } };

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => await world.local.end());

it("tells a tenant what its job runs used and cost as soon as their ends are published, and nobody else", async () => {
  const { body } = await world.request("POST", "/v1/submissions", "acme", hello);
  const { jobRun } = dataOf(await world.published(endOf(body["submissionId"]))) as {
    readonly jobRun: { readonly billedResourceUtilization: Readonly<Record<string, number>> };
  };
  const day = new Date().toISOString().slice(0, 10);
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const usage = async (tenant: string) => await world.request("GET", `/v1/usage?from=${yesterday}&to=${day}`, tenant);

  const { status, body: used } = await usage("acme");
  const { vCPUHour = 0, memoryGBHour = 0 } = jobRun.billedResourceUtilization;
  expect({ status, used }).toMatchObject({
    status: 200,
    used: {
      tenantId: "acme",
      from: yesterday,
      to: day,
      estimate: true,
      total: {
        jobRuns: 1,
        outcomes: { SUCCESS: 1 },
        vCPUHour: vCPUHour.toFixed(6),
        memoryGBHour: memoryGBHour.toFixed(6),
        cost: { USD: expect.stringMatching(/^\d+\.\d{6}$/) },
        costMissing: 0,
      },
      budget: { verdict: "within", monthly: "500.000000", warnsAt: "400.000000" },
    },
  });
  const { cost } = used["total"] as { readonly cost: Readonly<Record<string, string>> };
  expect(vCPUHour).toBeGreaterThan(0);
  expect(Number(cost["USD"])).toBeCloseTo(vCPUHour * 0.052624 + memoryGBHour * 0.0057785, 5);
  expect((await usage("globex")).body).toMatchObject({ tenantId: "globex", total: { jobRuns: 0 } });
  expect(await world.request("GET", "/v1/usage?from=soon", "acme")).toMatchObject({
    status: 400,
    body: { code: "ERR_QUERY_INVALID" },
  });
});
