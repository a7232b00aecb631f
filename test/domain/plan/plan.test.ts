import type { StartJobRunCommandInput } from "@aws-sdk/client-emr-serverless";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import {
  acmePolicy,
  adHocRequest,
  inputOf,
  planOf,
  refusalOf,
  requestOf,
  sampleJobTemplate,
  sampleSetup,
} from "#test/helpers/setup.ts";

const logKey = "arn:aws:kms:eu-west-1:111122223333:key/0a1b";

/** Everything that a caller may say, each field away from its default. */
const everyField = requestOf({
  jobDriver: {
    sparkSubmit: {
      entryPoint: "s3://jobs/acme/report.py",
      entryPointArguments: ["--date", "2026-11-21", "", "two words", "*"],
      sparkSubmitParameters: "--class  Report --conf 'spark.executor.memory=4g'",
    },
  },
  name: "report",
  mode: "BATCH",
  tags: { team: "sales" },
  executionTimeoutMinutes: 60,
  retryPolicy: { maxAttempts: 3 },
  configurationOverrides: {
    applicationConfiguration: [
      {
        classification: "spark-defaults",
        properties: { "spark.sql.shuffle.partitions": "8" },
        configurations: [{ classification: "inner", properties: {} }],
      },
    ],
    monitoringConfiguration: {
      s3MonitoringConfiguration: { logUri: "s3://logs/acme/", encryptionKeyArn: logKey },
      managedPersistenceMonitoringConfiguration: { enabled: false, encryptionKeyArn: logKey },
      cloudWatchLoggingConfiguration: {
        enabled: true,
        logGroupName: "/sluice/acme",
        logStreamNamePrefix: "report",
        encryptionKeyArn: logKey,
        logTypes: { SPARK_DRIVER: ["STDOUT", "STDERR"] },
      },
      prometheusMonitoringConfiguration: {
        remoteWriteUrl: "https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write",
      },
    },
    diskEncryptionConfiguration: { encryptionKeyArn: logKey, encryptionContext: { purpose: "report" } },
  },
});

/** A tenant whose callers may choose where their logs go, and how many executors they have. */
const free = sampleSetup({
  tenant: {
    guardRails: {
      acknowledged: ["executors", "log-destinations"].map((rail) => ({ rail, reason: "everything is the caller's" })),
    },
  },
});

describe("planSubmission() makes the exact StartJobRun input", () => {
  test("of the smallest ad-hoc Spark job", () => {
    expect(inputOf(adHocRequest())).toStrictEqual({
      applicationId: "00f1abc",
      clientToken: "req.abc",
      executionRoleArn: "arn:aws:iam::111122223333:role/sluice-job",
      executionIamPolicy: { policy: acmePolicy },
      jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/acme/report.py" } },
      tags: { "sluice:tenant": "acme", "sluice:submission": "req.abc", "sluice:door": "http" },
      executionTimeoutMinutes: 720,
      name: "job.req.abc",
    });
  });

  test("of an ad-hoc job that says everything: each field passes as it is", () => {
    const { requestId: _key, ...asked } = everyField;
    expect(inputOf(everyField, free)).toStrictEqual({
      ...asked,
      applicationId: "00f1abc",
      clientToken: "req.abc",
      executionRoleArn: "arn:aws:iam::111122223333:role/sluice-job",
      executionIamPolicy: { policy: acmePolicy },
      tags: { team: "sales", "sluice:tenant": "acme", "sluice:submission": "req.abc", "sluice:door": "http" },
      name: "report.req.abc",
    });
  });

  test("of an ad-hoc Hive job", () => {
    const hive = {
      query: "s3://jobs/acme/q.sql",
      initQueryFile: "s3://jobs/acme/init.sql",
      parameters: "--hiveconf a=1",
    };
    const input = inputOf({ jobDriver: { hive } });
    expect(input.jobDriver).toStrictEqual({ hive });
    expect(input.executionIamPolicy).toStrictEqual({ policy: acmePolicy });
  });

  test("of a streaming job with its own retry policy", () => {
    const input = inputOf(adHocRequest({ mode: "STREAMING", retryPolicy: { maxFailedAttemptsPerHour: 5 } }));
    expect(input.mode).toBe("STREAMING");
    expect(input.retryPolicy).toStrictEqual({ maxFailedAttemptsPerHour: 5 });
  });

  test("of a job template with a parameter of every type, and a name of its own", () => {
    const template = sampleJobTemplate({
      jobRunName: "nightly of {{tenant.id}}",
      mode: "BATCH",
      tags: { kind: "nightly" },
      executionTimeoutMinutes: 90,
      retryPolicy: { maxAttempts: 2 },
      parameters: {
        word: { type: "string" },
        count: { type: "integer" },
        share: { type: "number" },
        dry: { type: "boolean" },
        day: { type: "date" },
        from: { type: "s3Uri", prefixes: ["s3://data/{{tenant.id}}/"] },
        absent: { type: "string", default: "the default" },
      },
      jobDriver: {
        sparkSubmit: {
          entryPoint: "s3://jobs/{{tenant.id}}/{{application.id}}/nightly.py",
          entryPointArguments: [
            "{{parameters.word}}",
            "{{parameters.count}}",
            "{{parameters.share}}",
            "{{parameters.dry}}",
            "{{parameters.day}}",
            "{{parameters.from}}",
            "{{parameters.absent}}",
            "run={{submission.id}}",
          ],
          sparkSubmitParameters: "--class  Nightly",
        },
      },
      sparkProperties: { "spark.app.word": "{{parameters.word}}" },
      configurationOverrides: {
        applicationConfiguration: [
          { classification: "spark-defaults", properties: { "spark.app.tenant": "{{tenant.id}}" } },
        ],
      },
    });
    const parameters = {
      word: "two words",
      count: -3,
      share: 0.5,
      dry: false,
      day: "2024-02-29",
      from: "s3://data/acme/in.csv",
    };
    const input = inputOf({ jobTemplate: "nightly", parameters }, sampleSetup({ jobTemplates: [template] }));
    expect(input).toStrictEqual({
      applicationId: "00f1abc",
      clientToken: "req.abc",
      executionRoleArn: "arn:aws:iam::111122223333:role/sluice-job",
      executionIamPolicy: { policy: acmePolicy },
      jobDriver: {
        sparkSubmit: {
          entryPoint: "s3://jobs/acme/00f1abc/nightly.py",
          entryPointArguments: [
            "two words",
            "-3",
            "0.5",
            "false",
            "2024-02-29",
            "s3://data/acme/in.csv",
            "the default",
            "run=req.abc",
          ],
          sparkSubmitParameters: '--class  Nightly --conf "spark.app.word=two words"',
        },
      },
      configurationOverrides: {
        applicationConfiguration: [{ classification: "spark-defaults", properties: { "spark.app.tenant": "acme" } }],
      },
      tags: { kind: "nightly", "sluice:tenant": "acme", "sluice:submission": "req.abc", "sluice:door": "http" },
      executionTimeoutMinutes: 90,
      name: "nightly of acme.req.abc",
      mode: "BATCH",
      retryPolicy: { maxAttempts: 2 },
    });
  });

  test("of a Hive job template, whose properties become --hiveconf", () => {
    const template = sampleJobTemplate({
      parameters: { day: { type: "date" } },
      jobDriver: { hive: { query: "s3://jobs/{{tenant.id}}/q.sql", parameters: "--hiveconf a=1" } },
      hiveProperties: { "hive.day": "{{parameters.day}}" },
    });
    const request = { jobTemplate: "nightly", parameters: { day: "2026-11-21" } };
    expect(inputOf(request, sampleSetup({ jobTemplates: [template] })).jobDriver).toStrictEqual({
      hive: { query: "s3://jobs/acme/q.sql", parameters: "--hiveconf a=1 --hiveconf hive.day=2026-11-21" },
    });
  });

  test("and makes the same input of the same request again, byte for byte", () => {
    expect(JSON.stringify(inputOf(everyField, free))).toBe(JSON.stringify(inputOf(everyField, free)));
  });

  test("which the SDK takes as it is", () => {
    expectTypeOf<StartJobRunInput>().toExtend<StartJobRunCommandInput>();
  });
});

describe("planSubmission() and the tenant's rules", () => {
  test("planSubmission() tags the job run with the tenant, the submission and the door", () => {
    const plan = planOf(adHocRequest(), sampleSetup(), { door: "queue", submissionId: "0a-1b" });
    expect(plan).toMatchObject({
      verdict: "planned",
      input: { tags: { "sluice:tenant": "acme", "sluice:submission": "0a-1b", "sluice:door": "queue" } },
    });
  });

  test("planSubmission() gives the managed policies", () => {
    const managed = "arn:aws:iam::111122223333:policy/glue-read";
    const policy = { template: "own-prefix", variables: { bucket: "data" }, managedPolicyArns: [managed] };
    const plan = planOf(adHocRequest(), sampleSetup({ tenant: { policy } }));
    expect(plan).toMatchObject({
      verdict: "planned",
      input: { executionIamPolicy: { policy: acmePolicy, policyArns: [managed] } },
    });
  });

  test("planSubmission() sets the tenant's log destinations over the job's, member by member, and says so", () => {
    const monitoringConfiguration = {
      s3MonitoringConfiguration: { logUri: "s3://tenant-logs/acme/" },
      managedPersistenceMonitoringConfiguration: { enabled: true },
    };
    const asked = { s3MonitoringConfiguration: { logUri: "s3://logs/acme/", encryptionKeyArn: logKey } };
    const request = adHocRequest({ configurationOverrides: { monitoringConfiguration: asked } });
    expect(planOf(request, sampleSetup({ tenant: { monitoringConfiguration } }))).toMatchObject({
      verdict: "planned",
      input: { configurationOverrides: { monitoringConfiguration } },
      changes: [
        { field: "monitoringConfiguration/s3MonitoringConfiguration", rule: "the tenant sets this log destination" },
      ],
    });
  });

  test("planSubmission() denies callers the log destinations that the tenant's file does not set, once it sets any", () => {
    const monitoringConfiguration = { s3MonitoringConfiguration: { logUri: "s3://tenant-logs/acme/" } };
    const path = "/configurationOverrides/monitoringConfiguration";
    const error = refusalOf(everyField, sampleSetup({ tenant: { monitoringConfiguration } }));
    expect(error.code).toBe("ERR_JOB_NOT_ALLOWED");
    expect(error.faults.map(({ pointer }) => pointer)).toEqual([
      `${path}/managedPersistenceMonitoringConfiguration`,
      `${path}/cloudWatchLoggingConfiguration`,
      `${path}/prometheusMonitoringConfiguration`,
    ]);
    expect(error.faults[0]?.message).toBe(
      `is not allowed: the tenant sets the log destinations of its jobs (s3MonitoringConfiguration), and this is none of them: current value is {"enabled":false,"encryptionKeyArn":"${logKey}"}`,
    );
    expect(refusalOf(everyField, sampleSetup({ tenant: { monitoringConfiguration: {} } })).faults).toHaveLength(4);
  });

  test("planSubmission() denies callers log destinations where the tenant's file sets none, but for what it acknowledges", () => {
    const path = "/configurationOverrides/monitoringConfiguration";
    expect(refusalOf(everyField).faults.map(({ pointer, message }) => `${pointer} ${message}`)).toEqual(
      ["s3MonitoringConfiguration", "cloudWatchLoggingConfiguration", "prometheusMonitoringConfiguration"].map(
        (member) =>
          `${path}/${member} must not be set: logs hold the tenant's data, and their destinations are in the tenant's file (guard rail "log-destinations"): current value is "${member}"`,
      ),
    );
    expect(planOf(everyField, free).verdict).toBe("planned");
  });

  test("planSubmission() leaves a job template its log destinations: they are not a caller's", () => {
    const logs = { cloudWatchLoggingConfiguration: { enabled: true } };
    const template = sampleJobTemplate({ configurationOverrides: { monitoringConfiguration: logs } });
    const own = { s3MonitoringConfiguration: { logUri: "s3://tenant-logs/acme/" } };
    const setup = sampleSetup({ tenant: { monitoringConfiguration: own }, jobTemplates: [template] });
    const { configurationOverrides } = inputOf({ jobTemplate: "nightly", parameters: { date: "2026-11-21" } }, setup);
    expect(configurationOverrides).toEqual({ monitoringConfiguration: { ...logs, ...own } });
  });

  test("planSubmission() applies the tenant's Spark rules to ad-hoc jobs and to job templates alike", () => {
    const setup = sampleSetup({ tenant: { spark: { enforced: { "spark.dynamicAllocation.maxExecutors": "10" } } } });
    const enforced = { sparkSubmitParameters: "--conf spark.dynamicAllocation.maxExecutors=10" };
    expect(inputOf(adHocRequest(), setup).jobDriver).toMatchObject({ sparkSubmit: enforced });
    const fromTemplate = { jobTemplate: "nightly", parameters: { date: "2026-11-21" } };
    expect(inputOf(fromTemplate, setup).jobDriver).toMatchObject({ sparkSubmit: enforced });
  });

  test("planSubmission() refuses ad-hoc jobs of a tenant that runs job templates only", () => {
    const error = refusalOf(adHocRequest(), sampleSetup({ tenant: { adHoc: false } }));
    expect(error.code).toBe("ERR_JOB_NOT_ALLOWED");
    expect(error.message).toBe(
      'Cannot submit the job request for tenant "acme": /jobDriver is not allowed: this tenant runs job templates only: current value is "sparkSubmit"',
    );
  });

  test("planSubmission() refuses a job request that names another tenant, whatever else it says", () => {
    const error = refusalOf(adHocRequest({ tenantId: "acme2" }));
    expect(error.code).toBe("ERR_TENANT_MISMATCH");
    expect(error.message).toBe(
      'Cannot submit the job request for tenant "acme": /tenantId must be "acme", the tenant that the caller is proved to be, or absent: current value is "acme2"',
    );
    expect(inputOf(adHocRequest({ tenantId: "acme" })).tags["sluice:tenant"]).toBe("acme");
  });

  test("planSubmission() refuses a policy that cannot be rendered, and says where in the tenant's file", () => {
    const error = refusalOf(adHocRequest(), sampleSetup({ tenant: { policy: { template: "own-prefix" } } }));
    expect(error.code).toBe("ERR_EXECUTION_POLICY");
    expect(error.faults).toStrictEqual([
      {
        pointer: "/policy/variables/bucket",
        message: "must be an S3 bucket name: current value is nothing",
        current: "nothing",
        wanted: "an S3 bucket name",
      },
    ]);
  });

  test("planSubmission() lists every fault of a job request at once, each with what is there and what is wanted", () => {
    const setup = sampleSetup({
      tenant: {
        applications: { main: "00f1abc", big: "00f1def" },
        executionTimeout: { maxMinutes: 60 },
        spark: { forbidden: ["spark.jars*"] },
        tags: Object.fromEntries(Array.from({ length: 48 }, (_, index) => [`tag${index}`, "x"])),
      },
    });
    const request = adHocRequest({
      application: "huge",
      jobDriver: { sparkSubmit: { entryPoint: "s3://other/job.py", sparkSubmitParameters: "--jars s3://other/x.jar" } },
      executionTimeoutMinutes: 61,
      parameters: { date: "2026-11-21" },
    });
    const error = refusalOf(request, setup);
    expect(error.code).toBe("ERR_JOB_NOT_ALLOWED");
    expect(error.faults.map(({ pointer, message }) => `${pointer} ${message}`)).toStrictEqual([
      `/application must be one of the tenant's applications (main, big): current value is "huge"`,
      '/jobDriver/sparkSubmit/entryPoint must begin with "s3://jobs/acme/": current value is "s3://other/job.py"',
      '/parameters must be absent: only job templates have parameters: current value is {"date":"2026-11-21"}',
      '/jobDriver/sparkSubmit/sparkSubmitParameters must not set Spark properties that match "spark.jars*": current value is "spark.jars"',
      "/executionTimeoutMinutes must be at most 60, the tenant's cap: current value is 61",
      "/tags must be at most 50 tags, the tenant's and Sluice's included: current value is 51",
    ]);
    expect(error.message).toMatch(/; and 3 more$/);
    expect(error.faults.every(({ current, wanted }) => current !== undefined && wanted !== undefined)).toBe(true);
  });

  test("planSubmission() lists faulty template parameters together with the other faults", () => {
    const request = {
      jobTemplate: "nightly",
      mode: "STREAMING" as const,
      parameters: { date: "2026-02-30", rows: 0, colour: "red" },
      executionTimeoutMinutes: 721,
    };
    expect(refusalOf(request).faults.map(({ pointer, message }) => `${pointer} ${message}`)).toStrictEqual([
      '/parameters/date must be a date such as "2026-01-31": current value is "2026-02-30"',
      "/parameters/rows must be at least 1: current value is 0",
      '/parameters/colour must be a parameter of job template "nightly" (date, rows): current value is "red"',
      '/mode is not allowed: job template "nightly" sets it: current value is "STREAMING"',
      "/executionTimeoutMinutes must be at most 720, the tenant's cap: current value is 721",
    ]);
  });

  test("planSubmission() refuses an unknown job template and names the known ones", () => {
    const error = refusalOf({ jobTemplate: "hourly" });
    expect(error.code).toBe("ERR_JOB_REQUEST_INVALID");
    expect(error.message).toBe(
      'Cannot submit the job request for tenant "acme": /jobTemplate must be one of the tenant\'s job templates (nightly): current value is "hourly"',
    );
  });
});

describe("planSubmission() and applications", () => {
  const two = { main: "00f1abc", big: "00f1def" };

  test("planSubmission() takes the tenant's only application", () => {
    expect(inputOf(adHocRequest()).applicationId).toBe("00f1abc");
  });

  test("planSubmission() takes the default of several applications", () => {
    const setup = sampleSetup({ tenant: { applications: two, defaultApplication: "big" } });
    expect(inputOf(adHocRequest(), setup).applicationId).toBe("00f1def");
  });

  test("planSubmission() takes the application of the alias", () => {
    const setup = sampleSetup({ tenant: { applications: two, defaultApplication: "big" } });
    expect(inputOf(adHocRequest({ application: "main" }), setup).applicationId).toBe("00f1abc");
  });

  test("planSubmission() refuses a request without an alias where there is no default", () => {
    const error = refusalOf(adHocRequest(), sampleSetup({ tenant: { applications: two } }));
    expect(error.code).toBe("ERR_JOB_REQUEST_INVALID");
    expect(error.faults[0]?.message).toBe(
      "must be one of the tenant's applications (main, big): current value is nothing",
    );
  });

  test.each(["00f1abc", "constructor", "__proto__"])("planSubmission() takes %s for no alias", (application) => {
    expect(refusalOf(adHocRequest({ application })).faults[0]?.pointer).toBe("/application");
  });
});

describe("planSubmission() and timeouts", () => {
  const allowing = (executionTimeout: object) => sampleSetup({ tenant: { executionTimeout } });

  test("planSubmission() sets the tenant's default timeout", () => {
    expect(inputOf(adHocRequest(), allowing({ defaultMinutes: 30 })).executionTimeoutMinutes).toBe(30);
  });

  test("planSubmission() never sets a default above the tenant's cap", () => {
    expect(inputOf(adHocRequest(), allowing({ maxMinutes: 60 })).executionTimeoutMinutes).toBe(60);
  });

  test("planSubmission() takes a timeout at the cap and refuses one above it", () => {
    const setup = allowing({ maxMinutes: 60 });
    expect(inputOf(adHocRequest({ executionTimeoutMinutes: 60 }), setup).executionTimeoutMinutes).toBe(60);
    expect(refusalOf(adHocRequest({ executionTimeoutMinutes: 61 }), setup).code).toBe("ERR_JOB_NOT_ALLOWED");
  });

  test("planSubmission() lets a streaming job run without a timeout where the tenant allows it", () => {
    const endless = adHocRequest({ mode: "STREAMING", executionTimeoutMinutes: 0 });
    expect(inputOf(endless, allowing({ streamingWithoutTimeout: true })).executionTimeoutMinutes).toBe(0);
  });

  test.each([
    ["a batch job", adHocRequest({ executionTimeoutMinutes: 0 }), allowing({ streamingWithoutTimeout: true })],
    [
      "a streaming job of any other tenant",
      adHocRequest({ mode: "STREAMING", executionTimeoutMinutes: 0 }),
      sampleSetup(),
    ],
  ])("planSubmission() does not let %s run without a timeout", (_who, request, setup) => {
    const error = refusalOf(request, setup);
    expect(error.code).toBe("ERR_JOB_NOT_ALLOWED");
    expect(error.faults[0]?.message).toBe(
      "must not be 0: only streaming jobs of tenants that allow it run without a timeout: current value is 0",
    );
  });

  test("planSubmission() lets a caller set the timeout of a job template", () => {
    const request = { jobTemplate: "nightly", parameters: { date: "2026-11-21" }, executionTimeoutMinutes: 10 };
    expect(inputOf(request).executionTimeoutMinutes).toBe(10);
  });
});

describe("planSubmission() and sizes", () => {
  const template = (letters: number) =>
    sampleJobTemplate({
      parameters: {},
      jobDriver: {
        sparkSubmit: {
          entryPoint: "s3://jobs/{{tenant.id}}/n.py",
          entryPointArguments: Array.from({ length: letters / 1024 }, () => "é".repeat(512)),
        },
      },
    });

  test("planSubmission() refuses a StartJobRun input that the ledger cannot hold", () => {
    const setup = sampleSetup({ jobTemplates: [template(400 * 1024)] });
    const error = refusalOf({ jobTemplate: "nightly" }, setup);
    expect(error.code).toBe("ERR_JOB_REQUEST_TOO_LARGE");
    expect(error.message).toMatch(
      /the document must be a StartJobRun input of at most 327680 bytes: current value is 4\d{5}$/,
    );
  });

  test("planSubmission() takes one that it can hold, counted in bytes of UTF-8", () => {
    const setup = sampleSetup({ jobTemplates: [template(310 * 1024)] });
    expect(planOf({ jobTemplate: "nightly" }, setup).verdict).toBe("planned");
  });

  test("planSubmission() refuses parameters that the tenant's rules make longer than EMR Serverless takes", () => {
    const setup = sampleSetup({ tenant: { spark: { enforced: { "spark.x": "1" } } } });
    const sparkSubmitParameters = `--class ${"x".repeat(102_392)}`;
    const request = adHocRequest({
      jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/acme/a.py", sparkSubmitParameters } },
    });
    expect(planOf(request).verdict).toBe("planned");
    const error = refusalOf(request, setup);
    expect(error.code).toBe("ERR_JOB_REQUEST_INVALID");
    expect(error.faults[0]).toMatchObject({
      pointer: "/jobDriver/sparkSubmit/sparkSubmitParameters",
      wanted: "at most 102400 characters with what the tenant's rules and the job template add",
    });
  });
});
