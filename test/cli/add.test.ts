import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { readTenantFiles } from "#adapters/files/tenant-files.ts";
import { askOn } from "#cli/ask.ts";
import { changed, type Files, setupDirectory } from "#test/adapters/files/setup-directory.ts";
import { runWith } from "./terminal.ts";

const role = "arn:aws:iam::111122223333:role/beta";
const variables = "variables:\n  bucket: { type: bucket }";
const withDefault = changed(
  "policies/s3-prefix.yaml",
  variables,
  "variables:\n  bucket: { type: bucket, default: lake }",
);

/** A person at a terminal who writes these lines, and what is on the screen in the end. */
const person = (...lines: readonly string[]) => {
  let screen = "";
  const output = new Writable({
    write(chunk, _encoding, done) {
      screen += chunk;
      done();
    },
  });
  const input = Readable.from(lines.map((line) => `${line}\n`));
  return { asker: () => askOn(input, output), screen: () => screen };
};

const fileIn = async (dir: string, name: string): Promise<string> => await readFile(join(dir, name), "utf8");

const add = async (files: Files, ...args: readonly string[]) => {
  const dir = await setupDirectory(files);
  return { dir, ...(await runWith({}, "tenants", "add", "--dir", dir, ...args)) };
};

describe("sluice tenants add, at a terminal", () => {
  test("asks for what a tenant needs, and writes a file that has no faults", async () => {
    const dir = await setupDirectory();
    const { asker, screen } = person(
      "beta",
      "00f2",
      role,
      "",
      "beta-lake",
      "report",
      "s3://beta-jobs/",
      "sender:AIDAB, jwt:sub=b",
    );
    expect(await runWith({ asker }, "tenants", "add", "--dir", dir)).toEqual({
      code: 0,
      out: ["tenants/beta.yaml: written", 'Next: look it over, then "sluice tenants plan" and "sluice tenants apply"'],
      err: [],
    });
    expect(screen()).toBe(
      [
        "Tenant id: ",
        "EMR Serverless application id: ",
        "Execution role ARN: ",
        "Policy template (s3-prefix) [s3-prefix]: ",
        "Variable bucket, a bucket: ",
        "Job templates that it may start, with commas (report): ",
        "S3 prefixes of its own jobs' code, with commas; none for job templates only: ",
        "Callers, with commas: ",
      ].join(""),
    );
    expect(await fileIn(dir, "tenants/beta.yaml")).toBe(`# yaml-language-server: $schema=../schemas/tenant.json
tenantId: beta
applications:
  main: 00f2
executionRoleArn: ${role}
policy:
  template: s3-prefix
  variables:
    bucket: beta-lake
jobTemplates:
  - report
adHoc: true
entryPoints:
  - s3://beta-jobs/
callers:
  - sender:AIDAB
  - jwt:sub=b
`);
    const read = await readTenantFiles(dir);
    expect(read.verdict).toBe("read");
  });

  test("says what is wrong with an answer and asks again, and takes Enter for what stands in brackets", async () => {
    const dir = await setupDirectory(withDefault);
    const answers = [
      "Beta",
      "acme",
      "beta",
      "00F2",
      "00f2",
      "beta",
      role,
      "other",
      "",
      "",
      "nightly",
      "",
      "",
      "acme-portal",
      "",
    ];
    const { asker, screen } = person(...answers);
    const { code, out } = await runWith({ asker }, "tenants", "add", "--dir", dir);
    expect(code).toBe(0);
    expect(out[1]).toBe(
      "Nobody can send for it yet: list callers, queues, eventSources, accounts, triggers or schedules in it",
    );
    for (const fault of [
      '  must be 2 to 39 lower-case letters, digits and hyphens, with no hyphen first: current value is "Beta"',
      '  must be new: tenants/acme.yaml is there already: current value is "acme"',
      '  must be an application id such as 00f1abcdefghij0k: current value is "00F2"',
      '  must be the ARN of an IAM role such as arn:aws:iam::111122223333:role/sluice/jobs/acme: current value is "beta"',
      '  must be one of the policy templates (s3-prefix): current value is "other"',
      '  must be one of the job templates (report): current value is "nightly"',
    ]) {
      expect(screen()).toContain(`${fault}\n`);
    }
    expect(screen()).toContain("Variable bucket, a bucket [lake]: ");
    expect(await fileIn(dir, "tenants/beta.yaml")).toBe(`# yaml-language-server: $schema=../schemas/tenant.json
tenantId: beta
applications:
  main: 00f2
executionRoleArn: ${role}
policy:
  template: s3-prefix
`);
  });

  test("takes Enter for no policy template where there are several", async () => {
    const another = {
      "policies/all-data.yaml": String(withDefault["policies/s3-prefix.yaml"]).replace("s3-prefix", "all-data"),
    };
    const dir = await setupDirectory({ ...withDefault, ...another });
    const { asker, screen } = person("", "s3-prefix", "", "", "", "");
    const options = ["beta", "--application", "00f2", "--role", role];
    expect((await runWith({ asker }, "tenants", "add", "--dir", dir, ...options)).code).toBe(0);
    expect(screen()).toMatch(
      /^Policy template \(all-data, s3-prefix\): {3}must be one of the policy templates \(all-data, s3-prefix\): current value is ""\n/,
    );
    expect(await fileIn(dir, "tenants/beta.yaml")).toContain("template: s3-prefix");
  });

  test("does not ask for what the options say", async () => {
    const dir = await setupDirectory();
    const { asker, screen } = person("00f2", "", "", "", "");
    const options = ["beta", "--role", role, "--variable", "bucket=beta-lake", "--template", "none"];
    expect((await runWith({ asker }, "tenants", "add", "--dir", dir, ...options)).code).toBe(0);
    expect(screen()).toMatch(/^EMR Serverless application id: {3}--template must be one of the policy templates/);
  });

  test("writes nothing where the input ends before all is answered", async () => {
    const dir = await setupDirectory();
    const { asker } = person("beta", "00f2");
    const { code, err } = await runWith({ asker }, "tenants", "add", "--dir", dir);
    expect(code).toBe(1);
    expect(err).toEqual([
      'Cannot run "sluice tenants add": the input ended before all was answered: nothing was written',
    ]);
    await expect(fileIn(dir, "tenants/beta.yaml")).rejects.toThrow("ENOENT");
  });
});

describe("sluice tenants add, without a terminal", () => {
  test("takes all from its options, and defaults where there are some", async () => {
    const { dir, code, err } = await add(
      withDefault,
      "beta",
      "--application",
      "00f2",
      "--role",
      role,
      "--caller",
      "sender:B",
    );
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(await fileIn(dir, "tenants/beta.yaml")).toContain("callers:\n  - sender:B\n");
  });

  test("tells everything that is missing or wrong at once", async () => {
    const { code, err } = await add({}, "beta", "--role", "beta", "--variable", "lake=x", "--caller", "beta");
    expect(code).toBe(1);
    expect(err).toEqual([
      "--application must be given: EMR Serverless application id",
      '--role must be the ARN of an IAM role such as arn:aws:iam::111122223333:role/sluice/jobs/acme: current value is "beta"',
      "--variable bucket must be given: Variable bucket, a bucket",
      '--caller must be a caller such as "iam:<role or user ARN>", "sender:<SQS SenderId>", "jwt:<claim>=<value>" or "lambda:<key>=<value>": current value is "beta"',
      "--variable lake is no variable of the policy template",
      "Cannot add a tenant: 5 faults",
    ]);
  });

  test("chooses no policy template where there are several, not even one that asks for nothing", async () => {
    const another = {
      "policies/all-data.yaml": String(withDefault["policies/s3-prefix.yaml"]).replace("s3-prefix", "all-data"),
    };
    const options = ["beta", "--application", "00f2", "--role", role, "--variable", "lake=x"];
    const { dir, code, out, err } = await add({ ...withDefault, ...another }, ...options);
    expect({ code, out, err }).toEqual({
      code: 1,
      out: [],
      err: ["--template must be given: Policy template (all-data, s3-prefix)", "Cannot add a tenant: 1 fault"],
    });
    await expect(fileIn(dir, "tenants/beta.yaml")).rejects.toThrow("ENOENT");
  });

  test("writes no tenant that is not sound beside the others", async () => {
    const callers = "jobTemplates: [report]\ncallers: [sender:AIDA]";
    const files = changed("tenants/acme.yaml", "jobTemplates: [report]", callers);
    const options = ["--application", "00f2", "--role", role, "--variable", "bucket=b-lake", "--caller", "sender:AIDA"];
    const { dir, code, err } = await add(files, "beta", ...options);
    expect(code).toBe(1);
    expect(err).toEqual([
      'tenants/beta.yaml:11:5 /callers/0 must be listed by one tenant only, and "acme" and "beta" list it: current value is "sender:AIDA"',
      "Cannot write tenants/beta.yaml: 1 fault",
    ]);
    await expect(fileIn(dir, "tenants/beta.yaml")).rejects.toThrow("ENOENT");
  });

  test("never overwrites a file", async () => {
    const { dir } = await add({}, "acme");
    const before = await fileIn(dir, "tenants/acme.yaml");
    const options = ["--application", "00f2", "--role", role, "--variable", "bucket=b-lake"];
    const { code, err } = await runWith({}, "tenants", "add", "acme", "--dir", dir, ...options);
    expect(code).toBe(1);
    expect(err[0]).toContain("<tenantId> must be new: tenants/acme.yaml is there already");
    expect(await fileIn(dir, "tenants/acme.yaml")).toBe(before);
    await writeFile(join(dir, "tenants/beta.yml"), "");
    expect((await runWith({}, "tenants", "add", "beta", "--dir", dir, ...options)).code).toBe(0);
  });

  test("adds the first tenant of a folder", async () => {
    const options = ["--application", "00f2", "--role", role, "--variable", "bucket=b-lake"];
    const { code, out } = await add({ "tenants/acme.yaml": undefined }, "beta", ...options);
    expect(code).toBe(0);
    expect(out[0]).toBe("tenants/beta.yaml: written");
  });
});
