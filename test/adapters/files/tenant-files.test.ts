import { expect, test } from "vitest";
import { fileFaultLine } from "#adapters/files/file-fault.ts";
import { readTenantFiles } from "#adapters/files/tenant-files.ts";
import { acmeWith, changed, type Files, setupDirectory } from "./setup-directory.ts";

const read = async (own: Files = {}) => await readTenantFiles(await setupDirectory(own));

/** The faults of a folder as lines. */
const faults = async (own: Files): Promise<string[]> => {
  const result = await read(own);
  return result.verdict === "read" ? [] : result.faults.map(fileFaultLine);
};

test("readTenantFiles() gives each tenant with its policy template and its job templates", async () => {
  const other = "name: unused\njobDriver:\n  sparkSubmit:\n    entryPoint: s3://jobs/unused.py\n";
  const result = await read({ "templates/unused.yaml": other });
  if (result.verdict !== "read") throw new Error(result.faults.map(fileFaultLine).join("\n"));
  expect(result.setups).toHaveLength(1);
  const [setup] = result.setups;
  expect(setup?.tenant).toMatchObject({ tenantId: "acme", adHoc: false, callers: [] });
  expect(setup?.policyTemplate.name).toBe("s3-prefix");
  expect(setup?.jobTemplates.map(({ name }) => name)).toEqual(["report"]);
});

test("readTenantFiles() tells file, line, column, path, wanted and current value of a fault", async () => {
  const result = await read(changed("tenants/acme.yaml", "template: s3-prefix", "template: s3-prefx"));
  expect(result).toEqual({
    verdict: "refused",
    faults: [
      {
        file: "tenants/acme.yaml",
        line: 5,
        column: 13,
        pointer: "/policy/template",
        message: 'must be one of the policy templates (s3-prefix): current value is "s3-prefx"',
        current: '"s3-prefx"',
        wanted: "one of the policy templates (s3-prefix)",
      },
    ],
  });
});

test("readTenantFiles() tells all faults of all files at once, in the order of the files", async () => {
  const own = {
    ...acmeWith("adHoc: 7", "defaultApplication: large", "executionTimeout:", "  maxMinutes: 3", "colour: red"),
    ...changed("policies/s3-prefix.yaml", "Effect: Allow", "Effect: Alow"),
    ...changed("templates/report.yaml", "type: date", "type: day"),
    "tenants/globex.yaml": "tenantId: globex\npolicy: [\n",
  };
  expect(await faults(own)).toEqual([
    'policies/s3-prefix.yaml:7:13 /document/Statement/Effect must be one of "Allow", "Deny": current value is "Alow"',
    'templates/report.yaml:3:17 /parameters/date/type must be one of "string", "integer", "number", "boolean", "date", "s3Uri": current value is "day"',
    "tenants/acme.yaml:9:8 /adHoc must be of type boolean: current value is 7",
    'tenants/acme.yaml:10:21 /defaultApplication must be one of the tenant\'s applications (shared): current value is "large"',
    "tenants/acme.yaml:12:15 /executionTimeout/maxMinutes must be at least 5 minutes, or 0 for a streaming job without a timeout: current value is 3",
    "tenants/acme.yaml:13:1 /colour is not a known field: remove it or check its spelling",
    expect.stringMatching(/^tenants\/globex\.yaml:3:1 the document must be YAML 1\.2: .*\]/),
  ]);
});

test("readTenantFiles() checks a tenant with faults of its own against the other files all the same", async () => {
  const own = acmeWith(
    "callers: nobody",
    "triggers:",
    "  - name: a",
    "    bucket: box",
    "    prefix: ''",
    "    jobTemplate: repost",
  );
  expect(await faults(own)).toEqual([
    'tenants/acme.yaml:9:10 /callers must be of type array: current value is "nobody"',
    'tenants/acme.yaml:14:18 /triggers/0/jobTemplate must be one of the tenant\'s job templates (report): current value is "repost"',
  ]);
});

test("readTenantFiles() says nothing about a name whose file exists but has faults", async () => {
  expect(await faults(changed("policies/s3-prefix.yaml", "Action:", "Actoin:"))).toEqual([
    'policies/s3-prefix.yaml:6:3 /document/Statement must be a statement with exactly one of Action, NotAction: current value is {"Effect":"Allow","Actoin":"s3:GetObject","Resource":"arn:aws:s3:::{{variables.bucket}}/{{tenant.id}}/*"}',
    "policies/s3-prefix.yaml:8:5 /document/Statement/Actoin is not a known field: remove it or check its spelling",
  ]);
});

test("readTenantFiles() places what is missing at what should have it", async () => {
  expect(await faults(changed("tenants/acme.yaml", "  template: s3-prefix\n", ""))).toEqual([
    "tenants/acme.yaml:4:1 /policy/template must be of type string: current value is nothing",
  ]);
  expect(await faults(changed("tenants/acme.yaml", "tenantId: acme\n", "# whose?\n\n"))).toEqual([
    "tenants/acme.yaml:3:1 /tenantId must be of type string: current value is nothing",
  ]);
  const trigger = ["triggers:", "  - name: a", "    bucket: box", "    prefix: ''", "    jobTemplate: report"];
  expect(await faults(acmeWith(...trigger))).toEqual([
    'tenants/acme.yaml:10:5 /triggers/0/parameters/date is required by job template "report"',
  ]);
});

test("readTenantFiles() places faults between files at the line that can mend them", async () => {
  const caller = ["callers:", "  - jwt:sub=a"];
  const acme = acmeWith(...caller);
  const globex = String(acme["tenants/acme.yaml"]).replace("tenantId: acme", "# Globex\ntenantId: globex");
  const wanted = 'must be listed by one tenant only, and "acme" and "globex" list it: current value is "jwt:sub=a"';
  expect(await faults({ ...acme, "tenants/globex.yaml": globex })).toEqual([
    `tenants/acme.yaml:10:5 /callers/0 ${wanted}`,
    `tenants/globex.yaml:11:5 /callers/0 ${wanted}`,
  ]);
});

test("readTenantFiles() places faults of a rendered policy at the tenant's variables or at the template", async () => {
  expect(await faults(changed("tenants/acme.yaml", "bucket: lake", "bucket: lake/*"))).toEqual([
    'tenants/acme.yaml:7:13 /policy/variables/bucket must be an S3 bucket name: current value is "lake/*"',
  ]);
  expect(await faults(changed("policies/s3-prefix.yaml", "{{tenant.id}}", "{{tenant.name}}"))).toEqual([
    'policies/s3-prefix.yaml:9:15 /document/Statement/Resource must be a known placeholder (tenant.id, submission.id, application.id, variables.bucket): current value is "tenant.name"',
  ]);
});

test("readTenantFiles() wants a document to have the name of its file", async () => {
  const own = {
    ...changed("tenants/acme.yaml", "tenantId: acme", "tenantId: acme2"),
    ...changed("templates/report.yaml", "name: report", "name: rapport"),
  };
  expect(await faults(own)).toEqual([
    'templates/report.yaml:1:7 /name must be "report", the name of its file: current value is "rapport"',
    'tenants/acme.yaml:1:11 /tenantId must be "acme", the name of its file: current value is "acme2"',
  ]);
});

test("readTenantFiles() tells where quotes are missing", async () => {
  expect(await faults(acmeWith("accounts: [111122223333]", "tags: { cost: 4711, team: '12' }"))).toEqual([
    "tenants/acme.yaml:9:12 /accounts/0 must be of type string: current value is 111122223333: put it into quotes",
    "tenants/acme.yaml:10:15 /tags/cost must be of type string: current value is 4711: put it into quotes",
  ]);
});

test.each([
  ["s3://acme-jobs", 'an S3 URI prefix such as "s3://bucket/path/" that ends with "/" and has no "*", "?" or "$"'],
  ["s3://acme-jobs/{{tenant.name}}/", "an S3 URI prefix whose only placeholder is {{tenant.id}}"],
  ["s3://acme-jobs/../", 'an S3 URI prefix without "/./" and "/../", which no key has'],
  ["s3://acme-jobs/./jobs/", 'an S3 URI prefix without "/./" and "/../", which no key has'],
  ["s3://acme-jobs/{{tenant id}}/", "an S3 URI prefix whose only placeholder is {{tenant.id}}"],
])("readTenantFiles() refuses the entry point prefix %s", async (prefix, wanted) => {
  expect(await faults(acmeWith(`entryPoints: ["${prefix}"]`))).toEqual([
    `tenants/acme.yaml:9:15 /entryPoints/0 must be ${wanted}: current value is "${prefix}"`,
  ]);
});

test("readTenantFiles() refuses a folder without tenants, and files that it would leave out", async () => {
  expect(await faults({ "tenants/acme.yaml": undefined, "tenants/acme.yml": "tenantId: acme\n" })).toEqual([
    "tenants/*.yaml:1:1 the document must be one file at least: current number is 0",
    'tenants/acme.yml:1:1 the document must be named "*.yaml": current name is "acme.yml"',
  ]);
});

test("readTenantFiles() needs no templates where no tenant names any", async () => {
  const own = { ...changed("tenants/acme.yaml", "jobTemplates: [report]\n", ""), "templates/report.yaml": undefined };
  expect(await faults(own)).toEqual([]);
});

test("readTenantFiles() does not take what it cannot read for a folder that is not there", async () => {
  const unread = await setupDirectory({ "tenants/folder.yaml/a": "" });
  await expect(readTenantFiles(unread)).rejects.toThrow("EISDIR");
  const noFolder = await setupDirectory({ "templates/report.yaml": undefined, templates: "a file" });
  await expect(readTenantFiles(noFolder)).rejects.toThrow("ENOTDIR");
});

test("readTenantFiles() says in words what a text must be: nobody who writes a file reads regular expressions", async () => {
  const found = await faults({
    "tenants/acme.yaml": JSON.stringify({
      tenantId: "Acme",
      applications: { shared: "00F1", Large: "00f2" },
      executionRoleArn: "acme",
      policy: { template: "S3", variables: { "a-b": "x" }, managedPolicyArns: ["ReadOnly"] },
      accounts: ["4711"],
      eventSources: ["aws.s3"],
      queues: [{ arn: "acme-jobs" }],
      schedules: [{ arn: "nightly", jobTemplate: "report" }],
      triggers: [{ name: "inbox", bucket: "Inbox", prefix: "in/", jobTemplate: "report" }],
      budget: { monthly: "5,00", currency: "dollars" },
    }),
  });
  expect(found.filter((fault) => fault.includes("matches"))).toEqual([]);
  for (const wanted of [
    '/tenantId must be 2 to 39 lower-case letters, digits and hyphens, with no hyphen first: current value is "Acme"',
    '/applications/shared must be an application id such as 00f1abcdefghij0k: current value is "00F1"',
    '/applications/Large must be an entry whose key is 1 to 63 lower-case letters, digits and hyphens, with no hyphen first: current value is "Large"',
    '/executionRoleArn must be the ARN of an IAM role such as arn:aws:iam::111122223333:role/sluice/jobs/acme: current value is "acme"',
    '/policy/managedPolicyArns/0 must be the ARN of a managed policy such as arn:aws:iam::111122223333:policy/acme-data: current value is "ReadOnly"',
    '/accounts/0 must be an AWS account id: 12 digits: current value is "4711"',
    '/eventSources/0 must be an event source such as "acme.jobs", which does not begin with "aws.": current value is "aws.s3"',
    '/queues/0/arn must be the ARN of an SQS queue such as arn:aws:sqs:us-east-1:111122223333:acme-jobs: current value is "acme-jobs"',
    '/schedules/0/arn must be the ARN of a schedule such as arn:aws:scheduler:us-east-1:111122223333:schedule/default/nightly, or of a rule: current value is "nightly"',
    '/triggers/0/bucket must be an S3 bucket name: 3 to 63 lower-case letters, digits, dots and hyphens, with no dot and no hyphen first or last: current value is "Inbox"',
    '/budget/monthly must be an amount such as "1000.00": current value is "5,00"',
    '/budget/currency must be a currency of three letters such as USD: current value is "dollars"',
  ]) {
    expect(found.some((fault) => fault.endsWith(wanted))).toBe(true);
  }
});
