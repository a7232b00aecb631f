import { expect, test } from "vitest";
import { checkSetup } from "#domain/tenant/check-setup.ts";
import type { SetupDocuments } from "#domain/tenant/setup-documents.ts";
import { sampleJobTemplate, samplePolicyTemplate, sampleTenant } from "#test/helpers/setup.ts";

type Own = Readonly<Record<string, unknown>>;

interface Sample {
  readonly tenants?: readonly Own[];
  readonly policyTemplate?: Own;
  readonly jobTemplate?: Own;
}

const document = <T>(name: string, value: T) => ({ source: name, name, value });

const documents = ({ tenants = [{}], policyTemplate = {}, jobTemplate = {} }: Sample): SetupDocuments => ({
  tenants: tenants.map((own, at) => document(`tenant-${at}`, sampleTenant({ jobTemplates: ["nightly"], ...own }))),
  policyTemplates: [document("own-prefix", samplePolicyTemplate(policyTemplate))],
  jobTemplates: [document("nightly", sampleJobTemplate(jobTemplate))],
  managedPolicies: [],
});

/** Faults as `source pointer message`. */
const faults = (sample: Sample): string[] =>
  checkSetup(documents(sample)).map(({ source, pointer, message }) => `${source} ${pointer} ${message}`);

const trigger = {
  name: "inbox",
  bucket: "inbox",
  prefix: "in/",
  jobTemplate: "nightly",
  parameters: { date: "2026-01-31" },
};
const scheduleArn = "arn:aws:scheduler:us-east-1:111122223333:schedule/default/nightly";
const queueArn = "arn:aws:sqs:us-east-1:111122223333:jobs";

test("checkSetup() finds nothing in a sound setup", () => {
  expect(
    faults({
      tenants: [
        {
          triggers: [trigger],
          schedules: [{ ...trigger, arn: scheduleArn }].map(({ arn, jobTemplate, parameters }) => ({
            arn,
            jobTemplate,
            parameters,
          })),
        },
      ],
    }),
  ).toEqual([]);
});

test("checkSetup() names the policy templates that exist", () => {
  expect(faults({ tenants: [{ policy: { template: "own-prefx" } }] })).toEqual([
    'tenant-0 /policy/template must be one of the policy templates (own-prefix): current value is "own-prefx"',
  ]);
});

test("checkSetup() finds variables that are missing, wrong or unknown", () => {
  const policyTemplate = { variables: { bucket: { type: "bucket" }, folder: { type: "segment" } } };
  const policy = { template: "own-prefix", variables: { folder: "a/*", color: "red" } };
  expect(faults({ tenants: [{ policy }], policyTemplate })).toEqual([
    "tenant-0 /policy/variables/bucket must be an S3 bucket name: current value is nothing",
    'tenant-0 /policy/variables/folder must be one path segment of letters, digits and "_.=+@:-", without "/": current value is "a/*"',
    'tenant-0 /policy/variables/color must be a variable of policy template "own-prefix" (bucket, folder): current value is "red"',
  ]);
});

test("checkSetup() tells a fault of a policy template once, at the template, however many tenants use it", () => {
  const policyTemplate = {
    variables: { bucket: { type: "bucket", default: "No Bucket" } },
    document: {
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::{{variables.buckt}}/*" },
    },
  };
  const policy = { template: "own-prefix" };
  expect(faults({ tenants: [{ policy }, { tenantId: "globex", policy }], policyTemplate })).toEqual([
    'own-prefix /variables/bucket/default must be an S3 bucket name: current value is "No Bucket"',
    'own-prefix /document/Statement/Resource must be a known placeholder (tenant.id, submission.id, application.id, variables.bucket): current value is "variables.buckt"',
  ]);
});

/** Each statement has a resource of its own, `/0/*`, `/1/*`, …: what is said twice is not sent twice. */
const statements = (count: number, folder: string) => ({
  Version: "2012-10-17",
  Statement: Array.from({ length: count }, (_one, at) => {
    return { Effect: "Allow", Action: "s3:GetObject", Resource: `${folder}/${at}/*` };
  }),
});

test("checkSetup() judges the size of a policy with the tenant's values and the longest submission id", () => {
  const policyTemplate = { document: statements(22, "arn:aws:s3:::{{variables.bucket}}/{{submission.id}}") };
  const [fault, ...rest] = faults({
    tenants: [{ policy: { template: "own-prefix", variables: { bucket: "b".repeat(20) } } }],
    policyTemplate,
  });
  expect(fault).toMatch(
    /^tenant-0 \/policy must be a policy of at most 2048 characters when rendered and minified: current value is 2\d{3}$/,
  );
  expect(rest).toEqual([]);
  // As short as an HTTP submission id usually is, it would have fitted.
  expect(faults({ policyTemplate: { document: statements(22, "arn:aws:s3:::{{variables.bucket}}/x") } })).toEqual([]);
});

test("checkSetup() tells at the template that a policy is too large whoever uses it", () => {
  const found = faults({ policyTemplate: { document: statements(90, "arn:aws:s3:::{{variables.bucket}}") } });
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(/^own-prefix \/document must be a policy of at most 2048 characters/);
});

test("checkSetup() finds listed job templates that do not exist or are listed twice", () => {
  expect(faults({ tenants: [{ jobTemplates: ["nightly", "nigthly", "nightly"] }] })).toEqual([
    'tenant-0 /jobTemplates/1 must be one of the job templates (nightly): current value is "nigthly"',
    'tenant-0 /jobTemplates/2 must be listed once: current value is "nightly"',
  ]);
});

test("checkSetup() finds job templates that could never start in the tenant", () => {
  const executionTimeout = { defaultMinutes: 60, maxMinutes: 60 };
  expect(faults({ tenants: [{ executionTimeout }], jobTemplate: { executionTimeoutMinutes: 90 } })).toEqual([
    'tenant-0 /jobTemplates/0 must be a job template whose executionTimeoutMinutes (90) is at most 60: current value is "nightly"',
  ]);
  const jobTemplate = { sparkProperties: { "spark.jars.packages": "a:b:1" } };
  expect(faults({ tenants: [{ spark: { forbidden: ["spark.jars.*"] } }], jobTemplate })).toEqual([
    'tenant-0 /jobTemplates/0 must be a job template without Spark properties that the forbidden rule "spark.jars.*" matches: current value is "nightly"',
  ]);
});

test("checkSetup() finds aliases of no application, at the tenant, its triggers and its schedules", () => {
  const schedule = { arn: scheduleArn, jobTemplate: "nightly", parameters: { date: "2026-01-31" } };
  const tenant = {
    defaultApplication: "mian",
    triggers: [{ ...trigger, application: "hive" }],
    schedules: [{ ...schedule, application: "large" }],
  };
  const wanted = "must be one of the tenant's applications (main): current value is";
  expect(faults({ tenants: [tenant] })).toEqual([
    `tenant-0 /defaultApplication ${wanted} "mian"`,
    `tenant-0 /triggers/0/application ${wanted} "hive"`,
    `tenant-0 /schedules/0/application ${wanted} "large"`,
  ]);
});

test("checkSetup() asks triggers for an application where the tenant has several and no default", () => {
  const applications = { shared: "00f1", large: "00f2" };
  expect(faults({ tenants: [{ applications, triggers: [trigger] }] })).toEqual([
    "tenant-0 /triggers/0/application must be one of the tenant's applications (large, shared), as there is no defaultApplication: current value is nothing",
  ]);
});

test("checkSetup() finds triggers that start no job template of the tenant", () => {
  expect(faults({ tenants: [{ jobTemplates: [], triggers: [trigger] }] })).toEqual([
    'tenant-0 /triggers/0/jobTemplate must be one of the tenant\'s job templates (none): current value is "nightly"',
  ]);
});

test("checkSetup() finds parameters of triggers and schedules that the job template refuses", () => {
  const tenant = {
    triggers: [{ ...trigger, parameters: { date: "{{object.uri}}", rows: 0, color: "red" } }],
    schedules: [{ arn: scheduleArn, jobTemplate: "nightly", parameters: { date: "{{object.uri}}" } }],
  };
  expect(faults({ tenants: [tenant] })).toEqual([
    'tenant-0 /triggers/0/parameters/date must be a date such as "2026-01-31": current value is "s3://inbox/in/sample"',
    "tenant-0 /triggers/0/parameters/rows must be at least 1: current value is 0",
    'tenant-0 /triggers/0/parameters/color must be a parameter of job template "nightly" (date, rows): current value is "red"',
    'tenant-0 /schedules/0/parameters/date must be text without placeholders, because a schedule has no object to fill them from: current value is "{{object.uri}}"',
  ]);
});

test("checkSetup() finds parameters that are missing", () => {
  expect(faults({ tenants: [{ triggers: [{ ...trigger, parameters: {} }] }] })).toEqual([
    'tenant-0 /triggers/0/parameters/date is required by job template "nightly"',
  ]);
});

test("checkSetup() judges {{object.uri}} by an object that fires the trigger", () => {
  const jobTemplate = (prefix: string) => ({
    parameters: { input: { type: "s3Uri", prefixes: [prefix] } },
    jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/a.py", entryPointArguments: ["{{parameters.input}}"] } },
  });
  const tenants = [{ triggers: [{ ...trigger, suffix: ".csv", parameters: { input: "{{object.uri}}" } }] }];
  expect(faults({ tenants, jobTemplate: jobTemplate("s3://inbox/in/") })).toEqual([]);
  expect(faults({ tenants, jobTemplate: jobTemplate("s3://inbox/out/") })).toEqual([
    'tenant-0 /triggers/0/parameters/input must begin with "s3://inbox/out/": current value is "s3://inbox/in/sample.csv"',
  ]);
});

test("checkSetup() does not judge by a sample what depends on the object", () => {
  const jobTemplate = {
    parameters: { key: { type: "string", pattern: "in/\\d+" } },
    jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/a.py", entryPointArguments: ["{{parameters.key}}"] } },
  };
  const tenants = [{ triggers: [{ ...trigger, parameters: { key: "{{object.key}}" } }] }];
  expect(faults({ tenants, jobTemplate })).toEqual([]);
});

test.each(["{{object.name}}", "x-{{object.key}}", "{{object key}}"])("checkSetup() refuses %s in a trigger", (date) => {
  expect(faults({ tenants: [{ triggers: [{ ...trigger, parameters: { date } }] }] })).toEqual([
    `tenant-0 /triggers/0/parameters/date must be text without placeholders, or one of {{object.bucket}}, {{object.key}}, {{object.uri}} alone: current value is "${date}"`,
  ]);
});

test("checkSetup() finds defaults that a parameter refuses itself, at the job template", () => {
  const parameters = { date: { type: "date", default: "today" }, rows: { type: "integer", minimum: 1, default: 0 } };
  expect(faults({ jobTemplate: { parameters } })).toEqual([
    'nightly /parameters/date/default must be a date such as "2026-01-31": current value is "today"',
    "nightly /parameters/rows/default must be at least 1: current value is 0",
  ]);
});

test("checkSetup() finds time limits that contradict each other", () => {
  const tenantWith = (executionTimeout: Own) => faults({ tenants: [{ executionTimeout }] });
  expect(tenantWith({ defaultMinutes: 90, maxMinutes: 60 })).toEqual([
    "tenant-0 /executionTimeout/defaultMinutes must be at most maxMinutes, which is 60: current value is 90",
  ]);
  expect(tenantWith({ defaultMinutes: 0 })).toEqual([
    "tenant-0 /executionTimeout/defaultMinutes must be at least 5, because streamingWithoutTimeout is false: current value is 0",
  ]);
  expect(tenantWith({ defaultMinutes: 0, maxMinutes: 0 })).toEqual([
    "tenant-0 /executionTimeout/maxMinutes must be at least 5: under a cap of 0 no job can run: current value is 0",
  ]);
});

test("checkSetup() finds default Spark properties that a forbidden rule matches", () => {
  const spark = { default: { "spark.sql.shuffle.partitions": "8" }, forbidden: ["spark.sql.*"] };
  expect(faults({ tenants: [{ spark }] })).toEqual([
    'tenant-0 /spark/default/spark.sql.shuffle.partitions must be a Spark property that no forbidden rule matches, and "spark.sql.*" does: move it to enforced: current value is "spark.sql.shuffle.partitions"',
  ]);
});

test("checkSetup() finds properties of a tenant's own beyond its bounds, and those that a guard rail holds", () => {
  const spark = {
    default: { "spark.executor.memory": "32g", "spark.plugins": "org.example.Own" },
    bounded: { "spark.executor.memory": { max: "16g" } },
  };
  const hive = { enforced: { "hive.aux.jars.path": "s3://jobs/x.jar" } };
  const acknowledged = [{ rail: "listeners", keys: ["spark.plugins"], reason: "the metrics of our own" }];
  expect(faults({ tenants: [{ spark, hive, guardRails: { acknowledged } }] })).toEqual([
    'tenant-0 /spark/default/spark.executor.memory must be a size with its unit such as "4g", of at most 16g, as bounded says: current value is "32g"',
    expect.stringMatching(
      /^tenant-0 \/hive\/enforced\/hive\.aux\.jars\.path .*\(guard rail "code"\): current value is "s3:\/\/jobs\/x\.jar"$/,
    ),
  ]);
});

test("checkSetup() finds job templates that the guard rails or the tenant's rules would refuse, whatever their parameters", () => {
  const jobTemplate = { sparkProperties: { "spark.plugins": "org.example.Own", "spark.files": "{{parameters.date}}" } };
  expect(faults({ tenants: [{}], jobTemplate })).toEqual([
    'tenant-0 /jobTemplates/0 must be a job template that keeps the tenant\'s rules, and /jobDriver/sparkSubmit/sparkSubmitParameters must not set this key: it runs code beside the job\'s own that sees all that the job does (guard rail "listeners"): current value is "spark.plugins": current value is "nightly"',
  ]);
  const acknowledged = [{ rail: "listeners", reason: "the metrics of our own" }];
  expect(faults({ tenants: [{ guardRails: { acknowledged } }], jobTemplate })).toEqual([]);
});

test("checkSetup() finds names and proofs that a tenant lists twice", () => {
  const tenant = {
    triggers: [trigger, { ...trigger, prefix: "out/" }],
    callers: ["jwt:sub=a", "jwt:sub=b", "jwt:sub=a"],
  };
  expect(faults({ tenants: [tenant] })).toEqual([
    'tenant-0 /triggers/1/name must be a name that no other trigger of the tenant has: current value is "inbox"',
    'tenant-0 /callers/2 must be listed once: current value is "jwt:sub=a"',
  ]);
});

test("checkSetup() finds a tenant id that two files have", () => {
  const wanted = 'must be the id of one tenant only, and "tenant-0" and "tenant-1" have it: current value is "acme"';
  expect(faults({ tenants: [{}, {}] })).toEqual([`tenant-0 /tenantId ${wanted}`, `tenant-1 /tenantId ${wanted}`]);
});

test.each([
  { at: "/callers/0", subject: "jwt:sub=a", own: { callers: ["jwt:sub=a"] } },
  { at: "/queues/0/arn", subject: queueArn, own: { queues: [{ arn: queueArn }] } },
  { at: "/eventSources/0", subject: "their.jobs", own: { eventSources: ["their.jobs"] } },
  { at: "/accounts/0", subject: "111122223333", own: { accounts: ["111122223333"] } },
  {
    at: "/schedules/0/arn",
    subject: scheduleArn,
    own: { schedules: [{ arn: scheduleArn, jobTemplate: "nightly", parameters: { date: "2026-01-31" } }] },
  },
])("checkSetup() names both tenants that list the same proof at $at", ({ at, subject, own }) => {
  const message = `must be listed by one tenant only, and "acme" and "globex" list it: current value is "${subject}"`;
  expect(faults({ tenants: [own, { tenantId: "globex", ...own }, { tenantId: "other" }] })).toEqual([
    `tenant-0 ${at} ${message}`,
    `tenant-1 ${at} ${message}`,
  ]);
});

test("checkSetup() sees through the path of a role, which a session does not show", () => {
  const found = faults({
    tenants: [
      { callers: ["iam:arn:aws:iam::111122223333:role/a/etl"] },
      { tenantId: "globex", callers: ["iam:arn:aws:iam::111122223333:role/etl"] },
    ],
  });
  expect(found).toHaveLength(2);
  expect(found[0]).toContain('"acme" and "globex" list it');
});

test("checkSetup() lets two tenants share a bucket as long as no object fires both", () => {
  const triggers = (prefix: string) => ({ triggers: [{ ...trigger, prefix }] });
  expect(faults({ tenants: [triggers("acme/"), { tenantId: "globex", ...triggers("globex/") }] })).toEqual([]);
  expect(faults({ tenants: [triggers("in/"), { tenantId: "globex", ...triggers("in/globex/") }] })).toEqual([
    'tenant-0 /triggers/0 must be a trigger whose objects fire no other trigger, and some fire "globex/inbox" too: current value is "s3://inbox/in/*"',
    'tenant-1 /triggers/0 must be a trigger whose objects fire no other trigger, and some fire "acme/inbox" too: current value is "s3://inbox/in/globex/*"',
  ]);
});

test("checkSetup() judges of a tenant what could be read, and nothing that needs the rest", () => {
  const { policyTemplates, jobTemplates } = documents({});
  const { policy, triggers, callers } = sampleTenant({
    policy: { template: "lost" },
    triggers: [{ ...trigger, application: "nowhere" }],
    callers: ["jwt:sub=a"],
  });
  const tenants = [{ source: "acme", name: "acme", value: { policy, triggers, callers } }];
  expect(
    checkSetup({ tenants, policyTemplates, jobTemplates, managedPolicies: [] }).map(({ pointer }) => pointer),
  ).toEqual(["/policy/template"]);
});

test("checkSetup() does not miss a template that exists but cannot be read", () => {
  const { tenants } = documents({ tenants: [{ triggers: [trigger] }] });
  const unread = (name: string) => [{ source: name, name }];
  const templates = { policyTemplates: unread("own-prefix"), jobTemplates: unread("nightly") };
  expect(checkSetup({ tenants, ...templates, managedPolicies: [] })).toEqual([]);
});
