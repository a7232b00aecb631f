import { describe, expect, test } from "vitest";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { sqsEvent } from "./aws-events.ts";
import { call, deliver, doors, refusals } from "./doors.ts";
import { httpApiEvent } from "./http-events.ts";
import { acme, globex } from "./tenants.ts";

const nightly = { jobTemplate: "nightly", parameters: { date: "2026-11-20" } };
const adHoc = {
  jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/acme/a.py", entryPointArguments: ["a"] } },
  tags: { team: "one" },
};
const headers = { "idempotency-key": "n-42" };

const changed: readonly [string, object, object, readonly string[]][] = [
  ["another priority", nightly, { ...nightly, priority: 6 }, ["/priority"]],
  ["the usual priority spelt out", nightly, { ...nightly, priority: 5 }, ["/priority"]],
  ["the usual application spelt out", nightly, { ...nightly, application: "main" }, ["/application"]],
  ["another parameter", nightly, { ...nightly, parameters: { date: "2026-11-21" } }, ["/parameters/date"]],
  ["a parameter less", nightly, { ...nightly, parameters: {} }, ["/parameters", "/parameters/date"]],
  ["another argument", adHoc, withArguments("b"), ["/jobDriver/sparkSubmit/entryPointArguments"]],
  ["another tag and a name", adHoc, { ...adHoc, tags: { team: "two" }, name: "x" }, ["/tags/team", "/name"]],
  ["another job", nightly, adHoc, ["/jobTemplate", "/parameters/date", "/jobDriver/sparkSubmit/entryPoint"]],
];

function withArguments(...entryPointArguments: string[]) {
  return { ...adHoc, jobDriver: { sparkSubmit: { ...adHoc.jobDriver.sparkSubmit, entryPointArguments } } };
}

describe("A request id that another job request has is refused with the fields that differ, as they were written", () => {
  test.each(changed)("%s", async (_what, first, second, pointers) => {
    const parts = doors();
    await call(parts, httpApiEvent({ body: first, headers }));
    const { statusCode, json } = await call(parts, httpApiEvent({ body: second, headers }));
    expect(statusCode).toBe(422);
    const told: string[] = json.errors.map(({ pointer }: { pointer: string }) => pointer);
    expect(told).toEqual(expect.arrayContaining([...pointers]));
    if (pointers.length < 3) expect(told).toHaveLength(pointers.length);
  });

  test("whatever the tenant's files make of both by now", async () => {
    const parts = doors();
    await call(parts, httpApiEvent({ body: adHoc, headers }));
    const { tenant, ...setup } = acme;
    const other: TenantSetup = { ...setup, tenant: { ...tenant, executionRoleArn: `${tenant.executionRoleArn}-2` } };
    const { services } = doors({ tenants: [other, globex] }).door;
    const today = {
      ...parts,
      door: { ...parts.door, services: { ...parts.door.services, tenants: services.tenants } },
    };
    const { json } = await call(today, httpApiEvent({ body: withArguments("b"), headers }));
    expect(json.errors).toEqual([
      {
        pointer: "/jobDriver/sparkSubmit/entryPointArguments",
        detail: "differs from the first job request of this request id",
      },
    ]);
  });

  test("by the first names where there are many", async () => {
    const many = (last: string) => ({ ...adHoc, tags: Object.fromEntries(letters.map((name) => [name, last])) });
    const letters = Array.from({ length: 40 }, (_, at) => `t${at}`);
    const parts = doors();
    await call(parts, httpApiEvent({ body: many("a"), headers }));
    const { json } = await call(parts, httpApiEvent({ body: many("b"), headers }));
    expect(json.errors).toMatchObject([{ pointer: "/tags" }]);
  });

  test("in the refusal of a message too", async () => {
    const parts = doors();
    await deliver(parts, sqsEvent({ messageId: "m", body: { ...nightly, requestId: "n-42" } }));
    await deliver(parts, sqsEvent({ messageId: "n", body: { ...nightly, requestId: "n-42", priority: 6 } }));
    expect(refusals(parts)).toMatchObject([{ code: "ERR_SUBMISSION_CONFLICT", errors: [{ pointer: "/priority" }] }]);
  });

  test("and nobody is shown what they are known by", async () => {
    const parts = doors();
    const { json } = await call(parts, httpApiEvent({ body: nightly, headers }));
    expect(parts.submissions.all()[0]?.fieldDigests).toBeDefined();
    expect(json).not.toHaveProperty("fieldDigests");
  });
});
