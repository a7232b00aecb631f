import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { usage } from "#cli/commands.ts";
import { changed, setupDirectory } from "#test/adapters/files/setup-directory.ts";
import { startDynamoDb, type TestDynamoDb } from "#test/helpers/dynamodb.ts";
import { type Ran, runOn, runWith } from "./terminal.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs a command that needs no table. */
const runHere = async (...args: readonly string[]) => await runWith({}, ...args);

let dynamoDb: TestDynamoDb;
let table: string;
let sluice: (...args: readonly string[]) => Promise<Ran>;

beforeAll(async () => {
  dynamoDb = await startDynamoDb();
  sluice = runOn(dynamoDb, () => table);
});
beforeEach(async () => {
  table = await dynamoDb.newTable();
});
afterAll(async () => {
  await dynamoDb.end();
});

test("run() tells that the example tenants have no faults", async () => {
  expect(await runHere("tenants", "check", "--dir", root)).toEqual({
    code: 0,
    out: [
      "policies/inbox-to-lake.yaml: fits 2048 characters where database has at most 260, however long its tenants' other values are",
      "policies/read-only.yaml: at most 755 of 2048 characters, whatever its tenants' values are",
      ...["cloudwatch", "glue", "kms"].map((name) =>
        expect.stringMatching(`^policies/s3-prefix-${name}.yaml: .*2048 characters`),
      ),
      "policies/s3-prefix.yaml: at most 855 of 2048 characters, whatever its tenants' values are",
      "policies/inbox-to-lake.yaml: proven for any two tenants",
      "policies/read-only.yaml: proven for any two tenants",
      "policies/s3-prefix-cloudwatch.yaml: proven for any two tenants",
      "policies/s3-prefix-glue.yaml: proven for any two tenants",
      'policies/s3-prefix-kms.yaml: proven for any two tenants, as long as no other tenant has the value of variable "keyArn"',
      "policies/s3-prefix.yaml: proven for any two tenants",
      "3 of 3 tenants: proven to reach no other's territory",
      expect.stringMatching(/^note: the proof is of the policies: /),
      "3 tenants without faults: acme, globex, initech",
    ],
    err: [],
  });
});

test("run() tells each fault in a line and ends with code 1, and applies nothing", async () => {
  const dir = await setupDirectory({
    ...changed("tenants/acme.yaml", "template: s3-prefix", "template: s3-prefx"),
    ...changed("templates/report.yaml", "type: date", "type: day"),
  });
  for (const command of ["check", "apply"]) {
    expect(await runHere("tenants", command, "--dir", dir)).toEqual({
      code: 1,
      out: [],
      err: [
        expect.stringMatching(/^templates\/report\.yaml:3:17 \/parameters\/date\/type must be one of /),
        'tenants/acme.yaml:5:13 /policy/template must be one of the policy templates (s3-prefix): current value is "s3-prefx"',
        `Not sound: 2 faults${command === "apply" ? ": nothing was applied" : ""}`,
      ],
    });
  }
});

test("run() says of files that are sound, and reach another's data, that they are not proven", async () => {
  const dir = await setupDirectory(
    changed("policies/s3-prefix.yaml", '{{tenant.id}}/*"\nterr', '{{tenant.id}}*"\nterr'),
  );
  const ends = { check: "Not proven: 1 fault", apply: "Not proven: 1 fault: nothing was applied" };
  for (const [command, end] of Object.entries(ends)) {
    const { code, out, err } = await runHere("tenants", command, "--dir", dir);
    expect({ code, out }).toEqual({ code: 1, out: [] });
    expect(err).toEqual([expect.stringContaining('must end the tenant id with "/"'), end]);
  }
});

const managedDocument = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::lake/acme/*" }],
};

/** Tenant acme with one managed policy, and a policy template that has so much text in it. */
const nearTheLimit = async (characters: number): Promise<string> =>
  await setupDirectory({
    "policies/managed/X.json": JSON.stringify({ arn: "arn:aws:iam::aws:policy/X", document: managedDocument }, null, 2),
    ...changed("tenants/acme.yaml", "  variables:", "  managedPolicyArns: [arn:aws:iam::aws:policy/X]\n  variables:"),
    ...changed("policies/s3-prefix.yaml", "{{tenant.id}}/*", `{{tenant.id}}/${"x".repeat(characters)}/*`),
  });

test("run() tells what is near a limit as a note, managed policies counted in, and does not fail for it", async () => {
  const { code, out, err } = await runHere("tenants", "check", "--dir", await nearTheLimit(1600));
  expect({ code, err }).toEqual({ code: 0, err: [] });
  const note = "tenants/acme.yaml: note: /policy";
  const managed = JSON.stringify(managedDocument).length;
  expect(out).toEqual([
    `${note} the policy has ${1718 + managed} of 2048 characters when rendered and minified, ${managed} of them at least in its managed policies`,
    `${note} the longest values that still fit, each beside the others as they are: bucket 63, tenant.id 39`,
    `${note} AWS also limits policies in packed form: ${1718 + managed} characters may be too many for that, and nobody can compute it: try a job with them`,
    "policies/s3-prefix.yaml: at most 1812 of 2048 characters, whatever its tenants' values are",
    "policies/s3-prefix.yaml: proven for any two tenants",
    "1 of 1 tenants: proven to reach no other's territory",
    expect.stringMatching(/^note: the proof/),
    "1 tenant without faults: acme",
  ]);
});

test("run() refuses managed policies whose text leaves the limit together with the execution policy's", async () => {
  const { code, err } = await runHere("tenants", "check", "--dir", await nearTheLimit(1900));
  const managed = JSON.stringify(managedDocument).length;
  expect({ code, fault: err[0] }).toEqual({
    code: 1,
    fault: `tenants/acme.yaml:6:22 /policy/managedPolicyArns must be managed policies of at most 30 characters together when minified, for the execution policy has 2018 of the 2048 that they share: current value is ${managed}`,
  });
});

test("run() tells of a policy template what a tenant could reach with it, and what to write", async () => {
  const wide = changed("policies/s3-prefix.yaml", "/{{tenant.id}}/*", "/{{tenant.id}}*");
  const { code, err } = await runHere("tenants", "check", "--dir", await setupDirectory(wide));
  expect(code).toBe(1);
  expect(err[0]).toBe(
    'policies/s3-prefix.yaml:9:5 /document/Statement/Resource tenant "acme" may s3:GetObject arn:aws:s3:::of-all/acme2/x of tenant "acme2" (statement "#1" of policy "s3-prefix"): resource "arn:aws:s3:::of-all/acme*" must end the tenant id with "/"',
  );
});

test("run() tells tenants that have no file any more, and removes them where it is told to", async () => {
  await sluice("tenants", "apply", "--dir", root);
  const dir = await setupDirectory();
  const { code, out } = await sluice("tenants", "plan", "--dir", dir);
  expect(code).toBe(0);
  expect(out.slice(-2)).toEqual([
    'globex: has no file, and is still served: remove it with "sluice tenants remove globex", or apply with --delete',
    'initech: has no file, and is still served: remove it with "sluice tenants remove initech", or apply with --delete',
  ]);
  const deleting = await sluice("tenants", "plan", "--dir", dir, "--delete");
  expect(deleting.out).toEqual(expect.arrayContaining(["- globex (version 1)", "- initech (version 1)"]));
  expect(deleting.out).toContain("Plan: 0 to create, 1 to update, 2 to delete, 0 unchanged");
  const applied = await sluice("tenants", "apply", "--dir", dir, "--delete");
  expect(applied).toMatchObject({ code: 0, err: [] });
  expect(applied.out.slice(-4)).toEqual([
    "acme: changed, version 2",
    "globex: removed",
    "initech: removed",
    `1 tenant in table "${table}" as in the files`,
  ]);
  expect((await sluice("tenants", "show", "globex")).err).toEqual([
    `Cannot show tenant "globex": table "${table}" does not have it`,
  ]);
});

test("run() removes the tenant that is named, and says where there is none", async () => {
  await sluice("tenants", "apply", "--dir", await setupDirectory());
  expect(await sluice("tenants", "remove", "acme")).toEqual({
    code: 0,
    out: [`acme: removed from table "${table}"`],
    err: [],
  });
  expect(await sluice("tenants", "remove", "acme")).toEqual({
    code: 1,
    out: [],
    err: [`Cannot remove tenant "acme": table "${table}" does not have it`],
  });
});

test("run() pauses and resumes the tenant that is named, or all, and says where there is none", async () => {
  await sluice("tenants", "apply", "--dir", await setupDirectory());
  expect((await sluice("pause", "acme", "--message", "Too many")).out).toEqual([
    `acme: paused in table "${table}": Too many`,
  ]);
  expect((await sluice("tenants", "show", "acme")).out).toContain("paused: Too many");
  expect((await sluice("resume", "acme")).out).toEqual([
    `acme: resumed in table "${table}": turns are given again within a minute`,
  ]);
  expect((await sluice("tenants", "show", "acme")).out).not.toContain("paused: Too many");
  expect((await sluice("pause", "--message", "We move")).out).toEqual([
    `all tenants: paused in table "${table}": We move`,
  ]);
  expect(await sluice("resume", "acne")).toEqual({
    code: 1,
    out: [],
    err: [`Cannot resume tenant "acne": table "${table}" does not have it`],
  });
});

test("run() ends with code 1 and the whole reason where AWS does not answer", async () => {
  const ledger = () => {
    throw new Error("Cannot read the tenants", { cause: new Error("connect ECONNREFUSED") });
  };
  expect(await runWith({ ledger }, "tenants", "apply", "--dir", await setupDirectory())).toEqual({
    code: 1,
    out: [],
    err: ['Cannot run "sluice tenants apply": Cannot read the tenants: connect ECONNREFUSED'],
  });
});

test("run() ends with code 2 for a wrong command line, and says where help is", async () => {
  const { code, out, err } = await runHere("tenants", "chek");
  expect({ code, out }).toEqual({ code: 2, out: [] });
  expect(err).toEqual([expect.stringContaining('Unknown command "tenants chek"'), 'See "sluice --help"']);
  expect(await runHere("--help")).toEqual({ code: 0, out: [usage], err: [] });
});

test("run() writes the schemas into the folder that is asked for", async () => {
  const dir = await setupDirectory();
  const written = await runHere("schemas", "write", "--dir", dir);
  expect(written).toMatchObject({ code: 0, err: [] });
  expect(written.out).toEqual([
    "schemas/tenant.json",
    "schemas/policy-template.json",
    "schemas/job-template.json",
    "schemas/job-request.json",
    "schemas/submission-started.v1.json",
    "schemas/submission-completed.v1.json",
    "schemas/submission-refused.v1.json",
    "schemas/submission-cost-updated.v1.json",
    "schemas/budget-warning.v1.json",
    "schemas/budget-exceeded.v1.json",
  ]);
  expect((await readdir(join(dir, "schemas"))).map((name) => `schemas/${name}`).sort()).toEqual(written.out.toSorted());
});
