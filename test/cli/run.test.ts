import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { usage } from "#cli/command-line.ts";
import { run, type Terminal } from "#cli/run.ts";
import { changed, setupDirectory } from "#test/adapters/files/setup-directory.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs a command line in this process, with a table that takes everything. */
const runHere = async (...args: readonly string[]) => await runWith({}, ...args);

const runWith = async (own: Partial<Terminal>, ...args: readonly string[]) => {
  const out: string[] = [];
  const err: string[] = [];
  const applied: [string, string[]][] = [];
  const code = await run(args, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    defaultTable: "tenants",
    apply: async (table, setups) => {
      const ids = setups.map(({ tenant }) => tenant.tenantId);
      applied.push([table, ids]);
      return ids.map((tenantId) => ({ tenantId, verdict: "created" }));
    },
    strays: async () => ({ tenantIds: [], complete: true }),
    remove: async () => ({ verdict: "removed" }),
    suspend: async () => ({ verdict: "done" }),
    redrive: async () => ({ moved: 0, notAsked: 0, left: {} }),
    ...own,
  });
  return { code, out, err, applied };
};

test("run() tells that the example tenants have no faults", async () => {
  expect(await runHere("tenants", "check", "--dir", root)).toEqual({
    code: 0,
    out: ["3 tenants without faults: acme, globex, initech"],
    err: [],
    applied: [],
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
        "Cannot read the tenants: 2 faults",
      ],
      applied: [],
    });
  }
});

test("run() tells what is near a limit as a note, and does not fail for it", async () => {
  const managed = changed(
    "tenants/acme.yaml",
    "  variables:",
    "  managedPolicyArns: [arn:aws:iam::aws:policy/X]\n  variables:",
  );
  const long = "x".repeat(1600);
  const dir = await setupDirectory({
    ...managed,
    ...changed("policies/s3-prefix.yaml", "{{tenant.id}}/*", `{{tenant.id}}/${long}/*`),
  });
  const { code, out, err } = await runHere("tenants", "check", "--dir", dir);
  expect({ code, err }).toEqual({ code: 0, err: [] });
  expect(out).toEqual([
    "tenants/acme.yaml: note: /policy the policy has 1718 of 2048 characters when rendered and minified",
    "tenants/acme.yaml: note: /policy the text of 1 managed policy counts as well: it must fit the 330 characters left",
    "1 tenant without faults: acme",
  ]);
});

test("run() tells of a policy template what a tenant could reach with it, and what to write", async () => {
  const wide = changed("policies/s3-prefix.yaml", "/{{tenant.id}}/*", "/{{tenant.id}}*");
  const { code, err } = await runHere("tenants", "check", "--dir", await setupDirectory(wide));
  expect(code).toBe(1);
  expect(err[0]).toBe(
    'policies/s3-prefix.yaml:9:15 /document/Statement/Resource must be text in which "/", ":" or nothing stands after {{tenant.id}}, because with "*" there the value "acme" can reach "acme2" as well: write "{{tenant.id}}/*": current value is "arn:aws:s3:::{{variables.bucket}}/{{tenant.id}}*"',
  );
});

test("run() applies the tenants to the table that is asked for", async () => {
  const dir = await setupDirectory();
  const first = await runHere("tenants", "apply", "--dir", dir);
  expect(first).toMatchObject({ code: 0, out: ["acme: created", '1 tenant in table "tenants"'], err: [] });
  expect(first.applied).toEqual([["tenants", ["acme"]]]);
  expect((await runHere("tenants", "apply", "--dir", dir, "--table", "other")).applied).toEqual([["other", ["acme"]]]);
});

test("run() ends with code 1 where a tenant was changed in the meantime, and tells which", async () => {
  const apply: Terminal["apply"] = async () => [{ tenantId: "acme", verdict: "conflict" }];
  const { code, out, err } = await runWith({ apply }, "tenants", "apply", "--dir", await setupDirectory());
  expect({ code, out }).toEqual({ code: 1, out: ["acme: conflict", '0 tenants in table "tenants"'] });
  expect(err).toEqual(["Cannot apply acme: the table changed in the meantime: run the command again"]);
});

test("run() tells tenants that have no file any more, and where it did not look", async () => {
  const asked: unknown[] = [];
  const strays: Terminal["strays"] = async (table, known) => {
    asked.push([table, known]);
    return { tenantIds: ["globex"], complete: false };
  };
  const { code, out } = await runWith({ strays }, "tenants", "apply", "--dir", await setupDirectory());
  expect(code).toBe(0);
  expect(asked).toEqual([["tenants", ["acme"]]]);
  expect(out.slice(2)).toEqual([
    'globex: has no file, and is still served: remove it with "sluice tenants remove globex"',
    'Table "tenants" is large: only its first 100 MB were searched for tenants without a file',
  ]);
});

test("run() removes the tenant that is named, and says where there is none", async () => {
  const asked: unknown[] = [];
  const remove =
    (verdict: "removed" | "absent"): Terminal["remove"] =>
    async (...given) => {
      asked.push(given);
      return { verdict };
    };
  expect(await runWith({ remove: remove("removed") }, "tenants", "remove", "acme")).toMatchObject({
    code: 0,
    out: ['acme: removed from table "tenants"'],
  });
  expect(await runWith({ remove: remove("absent") }, "tenants", "remove", "acne", "--table", "other")).toMatchObject({
    code: 1,
    err: ['Cannot remove tenant "acne": table "other" does not have it'],
  });
  expect(asked).toEqual([
    ["tenants", "acme"],
    ["other", "acne"],
  ]);
});

test("run() pauses and resumes the tenant that is named, or all, and says where there is none", async () => {
  const asked: unknown[] = [];
  const suspend: Terminal["suspend"] = async (table, tenantId, message) => {
    asked.push([table, tenantId, message]);
    return { verdict: tenantId === "acne" ? "absent" : "done" };
  };
  expect(await runWith({ suspend }, "pause", "acme", "--message", "Too many")).toMatchObject({
    code: 0,
    out: ['acme: paused in table "tenants": Too many'],
  });
  expect(await runWith({ suspend }, "pause", "--message", "We move", "--table", "other")).toMatchObject({
    code: 0,
    out: ['all tenants: paused in table "other": We move'],
  });
  expect(await runWith({ suspend }, "resume")).toMatchObject({
    code: 0,
    out: ['all tenants: resumed in table "tenants": turns are given again within a minute'],
  });
  expect(await runWith({ suspend }, "resume", "acne")).toMatchObject({
    code: 1,
    err: ['Cannot resume tenant "acne": table "tenants" does not have it'],
  });
  expect(asked).toEqual([
    ["tenants", "acme", "Too many"],
    ["other", undefined, "We move"],
    ["tenants", undefined, undefined],
    ["tenants", "acne", undefined],
  ]);
});

test("run() ends with code 1 and the whole reason where AWS does not answer", async () => {
  const err: string[] = [];
  const code = await run(["tenants", "apply", "--dir", await setupDirectory()], {
    out: () => undefined,
    err: (line) => err.push(line),
    defaultTable: undefined,
    apply: () => Promise.reject(new Error("Cannot store tenant", { cause: new Error("connect ECONNREFUSED") })),
    strays: async () => ({ tenantIds: [], complete: true }),
    remove: async () => ({ verdict: "removed" }),
    suspend: async () => ({ verdict: "done" }),
    redrive: async () => ({ moved: 0, notAsked: 0, left: {} }),
  });
  expect(code).toBe(1);
  expect(err).toEqual(['Cannot run "sluice tenants apply": Cannot store tenant: connect ECONNREFUSED']);
});

test("run() ends with code 2 for a wrong command line, with the usage text", async () => {
  const { code, out, err } = await runHere("tenants", "chek");
  expect({ code, out }).toEqual({ code: 2, out: [] });
  expect(err).toEqual([expect.stringContaining('Unknown command "tenants chek"'), `\n${usage}`]);
  expect(await runHere("--help")).toEqual({ code: 0, out: [usage], err: [], applied: [] });
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
  ]);
  expect((await readdir(join(dir, "schemas"))).map((name) => `schemas/${name}`).sort()).toEqual(written.out.toSorted());
});
