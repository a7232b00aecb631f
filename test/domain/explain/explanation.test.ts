import { describe, expect, test } from "vitest";
import { listPrices } from "#domain/cost/list-prices.ts";
import { explanationOf } from "#domain/explain/explanation.ts";
import type { JobRequest } from "#domain/request/job-request.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { acmePolicy, adHocRequest, planOf, sampleJobTemplate, sampleSetup } from "#test/helpers/setup.ts";

const explained = (request: JobRequest, setup: TenantSetup = sampleSetup(), region = "us-east-1") => {
  const plan = planOf(request, setup);
  if (plan.verdict === "refused") throw plan.error;
  return explanationOf({ ...plan, setup, request, prices: listPrices, region });
};

/** The values of an explanation as `pointer [key]: source, rule`. */
const sources = (request: JobRequest, setup?: TenantSetup): string[] =>
  explained(request, setup).values.map(
    ({ pointer, key, source, rule }) => `${pointer}${key === undefined ? "" : ` ${key}`}: ${source}, ${rule}`,
  );

describe("explanationOf() tells the source of every value", () => {
  test("of an ad-hoc job", () => {
    const setup = sampleSetup({
      tenant: {
        applications: { main: "00f1abc", big: "00f1def" },
        defaultApplication: "main",
        tags: { team: "sales" },
        guardRails: { acknowledged: [] },
        spark: { default: { "spark.a": "1" }, enforced: { "spark.b": "2" } },
        monitoringConfiguration: { s3MonitoringConfiguration: { logUri: "s3://logs/acme/" } },
        policy: { template: "own-prefix", variables: { bucket: "data" }, managedPolicyArns: [managed] },
      },
    });
    const request = adHocRequest({
      application: "big",
      tags: { run: "nightly" },
      jobDriver: {
        sparkSubmit: {
          entryPoint: "s3://jobs/acme/report.py",
          entryPointArguments: ["--all"],
          sparkSubmitParameters: "--class Report --conf spark.b=3 --conf spark.c=4",
        },
      },
      retryPolicy: { maxAttempts: 2 },
    });
    expect(sources(request, setup)).toStrictEqual([
      '/applicationId: request, alias "big" among "applications" of the tenant\'s file',
      "/clientToken: sluice, the submission id",
      '/executionRoleArn: tenant, "executionRoleArn" of the tenant\'s file',
      '/executionIamPolicy/policy: tenant, policy template "own-prefix", rendered for the tenant',
      '/executionIamPolicy/policyArns/0: tenant, "policy/managedPolicyArns" of the tenant\'s file',
      '/jobDriver/sparkSubmit/entryPoint: request, "jobDriver" of the job request',
      '/jobDriver/sparkSubmit/entryPointArguments/0: request, "jobDriver" of the job request',
      "/jobDriver/sparkSubmit/sparkSubmitParameters spark.b: enforced, the tenant enforces this Spark property",
      "/jobDriver/sparkSubmit/sparkSubmitParameters spark.a: default, the tenant's default for this Spark property",
      '/jobDriver/sparkSubmit/sparkSubmitParameters spark.dynamicAllocation.maxExecutors: guard rail, the guard rail "executors": no Spark job without a bound',
      "/jobDriver/sparkSubmit/sparkSubmitParameters spark.c: request, parameters of the job request",
      "/jobDriver/sparkSubmit/sparkSubmitParameters: request, parameters of the job request",
      '/configurationOverrides/monitoringConfiguration/s3MonitoringConfiguration/logUri: tenant, "monitoringConfiguration" of the tenant\'s file',
      '/tags/run: request, "tags" of the job request',
      '/tags/team: tenant, "tags" of the tenant\'s file',
      "/tags/sluice:tenant: sluice, Sluice's own tag",
      "/tags/sluice:submission: sluice, Sluice's own tag",
      "/tags/sluice:door: sluice, Sluice's own tag",
      '/executionTimeoutMinutes: tenant, "executionTimeout/defaultMinutes" of the tenant\'s file',
      '/name: sluice, "job", because the job request has no name, with the submission id behind it, by which the run can be found',
      '/retryPolicy/maxAttempts: request, "retryPolicy" of the job request',
    ]);
  });

  test("of the tenant's cap, where that is lower than its usual timeout", () => {
    const executionTimeout = { defaultMinutes: 720, maxMinutes: 60, streamingWithoutTimeout: false };
    const found = sources(adHocRequest(), sampleSetup({ tenant: { executionTimeout } }));
    expect(found).toContain('/executionTimeoutMinutes: tenant, "executionTimeout/maxMinutes" of the tenant\'s file');
  });

  test("of a job template, whose values may be its own, a parameter's or a default's", () => {
    const template = sampleJobTemplate({
      jobRunName: "nightly",
      tags: { kind: "nightly" },
      executionTimeoutMinutes: 90,
      sparkProperties: { "spark.rows": "{{parameters.rows}}", "spark.day": "{{parameters.date}}", "spark.x": "1" },
      configurationOverrides: {
        applicationConfiguration: [{ classification: "spark-defaults", properties: { a: "1" } }],
      },
    });
    const request = { jobTemplate: "nightly", parameters: { date: "2026-11-21" } };
    const found = sources(request, sampleSetup({ jobTemplates: [template] }));
    expect(
      found.filter((line) => !/^\/(tags\/sluice|executionIam|executionRole|clientToken)/.test(line)),
    ).toStrictEqual([
      '/applicationId: tenant, "applications" of the tenant\'s file',
      '/jobDriver/sparkSubmit/entryPoint: job template, job template "nightly", with {{tenant.id}} filled in',
      '/jobDriver/sparkSubmit/entryPointArguments/0: job template, job template "nightly"',
      '/jobDriver/sparkSubmit/entryPointArguments/1: request, parameter "date" of job template "nightly"',
      '/jobDriver/sparkSubmit/entryPointArguments/2: job template, job template "nightly"',
      '/jobDriver/sparkSubmit/entryPointArguments/3: job template, default of parameter "rows" of job template "nightly"',
      '/jobDriver/sparkSubmit/sparkSubmitParameters spark.rows: job template, default of parameter "rows" of job template "nightly"',
      '/jobDriver/sparkSubmit/sparkSubmitParameters spark.day: request, parameter "date" of job template "nightly"',
      '/jobDriver/sparkSubmit/sparkSubmitParameters spark.x: job template, job template "nightly"',
      '/configurationOverrides/applicationConfiguration/0/classification: job template, job template "nightly"',
      '/configurationOverrides/applicationConfiguration/0/properties/a: job template, job template "nightly"',
      '/tags/kind: job template, job template "nightly"',
      '/executionTimeoutMinutes: job template, "executionTimeoutMinutes" of job template "nightly"',
      '/name: job template, job template "nightly", with the submission id behind it, by which the run can be found',
    ]);
  });

  test("of a Hive job", () => {
    const setup = sampleSetup({ tenant: { hive: { enforced: { "hive.a": "1" } } } });
    const hive = { query: "s3://jobs/acme/q.sql", parameters: "--hiveconf hive.b=2" };
    expect(sources({ jobDriver: { hive } }, setup).filter((line) => line.includes("/hive/"))).toStrictEqual([
      '/jobDriver/hive/query: request, "jobDriver" of the job request',
      "/jobDriver/hive/parameters hive.a: enforced, the tenant enforces this Hive property",
      "/jobDriver/hive/parameters hive.b: request, parameters of the job request",
    ]);
  });
});

const managed = "arn:aws:iam::111122223333:policy/glue-read";

test("explanationOf() shows the execution policy with its size and what is left of the limit", () => {
  expect(explained(adHocRequest()).executionPolicy).toStrictEqual({
    template: "own-prefix",
    document: JSON.parse(acmePolicy),
    characters: acmePolicy.length,
    managedCharacters: 0,
    limit: 2048,
    left: 2048 - acmePolicy.length,
    managedPolicyArns: [],
    longestValues: { "tenant.id": 39, "variables.bucket": 63 },
    notes: [],
  });
});

describe("explanationOf() estimates", () => {
  const request = { jobTemplate: "nightly", parameters: { date: "2026-11-21" } };
  const setup = sampleSetup({
    jobTemplates: [
      sampleJobTemplate({ estimate: { vCPUHour: 59.422, memoryGBHour: 237.689, storageGBHour: 1901.511 } }),
    ],
  });

  test("what a run costs, where its job template gives the hours", () => {
    expect(explained(request, setup).estimate).toStrictEqual({
      vCPUHour: 59.422,
      memoryGBHour: 237.689,
      storageGBHour: 1901.511,
      cost: {
        amount: "4.711577",
        currency: "USD",
        region: "us-east-1",
        architecture: "X86_64",
        pricesAsOf: "2026-11-22",
        estimate: true,
      },
    });
  });

  test("or why that cannot be said", () => {
    expect(explained(request, setup, "mars-north-1").estimate?.costMissing?.code).toBe("PRICE_MISSING");
  });

  test("nothing for other jobs", () => {
    expect(explained(adHocRequest())).not.toHaveProperty("estimate");
    expect(explained(request)).not.toHaveProperty("estimate");
  });
});
