import { describe, expect, test } from "vitest";
import { entryPointFaults } from "#domain/plan/entry-points.ts";
import { staysBelow } from "#domain/rails/stays-below.ts";
import { adHocRequest, inputOf, refusalOf, sampleSetup, sampleTenant } from "#test/helpers/setup.ts";

describe("staysBelow()", () => {
  const prefix = "s3://jobs/acme/";

  test.each([
    "s3://jobs/acme/a.py",
    "s3://jobs/acme/",
    "s3://jobs/acme/v1..2/a.py",
    "s3://jobs/acme/...",
    "s3://jobs/acme//a.py",
  ])("%s lies below it", (uri) => {
    expect(staysBelow(uri, prefix)).toBe(true);
  });

  test.each([
    "s3://jobs/acme",
    "s3://jobs/acme2/a.py",
    "s3://jobs/ACME/a.py",
    "s3://other/acme/a.py",
    "s3a://jobs/acme/a.py",
    " s3://jobs/acme/a.py",
    "s3://jobs/acme/../acme2/a.py",
    "s3://jobs/acme/x/../../acme2/a.py",
    "s3://jobs/acme/..",
    "s3://jobs/acme/./a.py",
    "s3://jobs/acme/{x,../acme2}/a.py",
    "s3://jobs/acme/{..,x}/acme2/a.py",
    "s3://jobs/acme/x,../acme2/a.py",
    "",
  ])("%s does not", (uri) => {
    expect(staysBelow(uri, prefix)).toBe(false);
  });
});

describe("entryPointFaults()", () => {
  test.each([
    ["outside the prefix", "s3://other/job.py"],
    ["that climbs out of it", "s3://jobs/acme/../acme2/job.py"],
    ["of another tenant whose id begins alike", "s3://jobs/acme2/job.py"],
    ["that is a local file", "local:///usr/lib/job.jar"],
  ])("an entry point %s is refused", (_where, entryPoint) => {
    const error = refusalOf(adHocRequest({ jobDriver: { sparkSubmit: { entryPoint } } }));
    expect(error.code).toBe("ERR_JOB_NOT_ALLOWED");
    expect(error.message).toBe(
      `Cannot submit the job request for tenant "acme": /jobDriver/sparkSubmit/entryPoint must begin with "s3://jobs/acme/": current value is "${entryPoint}"`,
    );
  });

  test("a Hive query and its init file are refused outside the prefix, each at its place", () => {
    const hive = { query: "s3://jobs/acme2/q.sql", initQueryFile: "s3://other/init.sql" };
    expect(refusalOf({ jobDriver: { hive } }).faults.map(({ pointer }) => pointer)).toStrictEqual([
      "/jobDriver/hive/query",
      "/jobDriver/hive/initQueryFile",
    ]);
  });

  test("any of several prefixes will do", () => {
    const tenant = { entryPoints: ["s3://jobs/{{tenant.id}}/", "s3://shared/"] };
    const request = adHocRequest({ jobDriver: { sparkSubmit: { entryPoint: "s3://shared/a.py" } } });
    expect(inputOf(request, sampleSetup({ tenant })).name).toBe("job.req.abc");
  });

  test("a tenant without prefixes runs no ad-hoc code", () => {
    const driver = { sparkSubmit: { entryPoint: "s3://jobs/acme/a.py" } };
    expect(entryPointFaults(driver, sampleTenant({ entryPoints: [] }))[0]?.message).toBe(
      'is not allowed: the tenant lists no entry point prefix: current value is "s3://jobs/acme/a.py"',
    );
  });
});
