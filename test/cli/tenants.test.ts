import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { applyTenants } from "#adapters/aws/apply-tenants.ts";
import { dynamodbTenants } from "#adapters/aws/dynamodb-tenants.ts";
import { operatorLedger } from "#cli/operator-ledger.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { acmeWith, changed, type Files, setupDirectory } from "#test/adapters/files/setup-directory.ts";
import { startDynamoDb, type TestDynamoDb } from "#test/helpers/dynamodb.ts";
import { noon } from "#test/helpers/setup.ts";
import { type Ran, runOn } from "./terminal.ts";

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

/** Runs a command on files. */
const onFiles = async (files: Files, ...args: readonly string[]): Promise<Ran> =>
  await sluice(...args, "--dir", await setupDirectory(files));

const plan = async (files: Files, ...args: readonly string[]) => await onFiles(files, "tenants", "plan", ...args);
const apply = async (files: Files, ...args: readonly string[]) => await onFiles(files, "tenants", "apply", ...args);

const setupIn = async (tenantId: string): Promise<TenantSetup> => {
  const setup = await dynamodbTenants(dynamoDb.client, table, { now: () => 0 }).byId(tenantId);
  if (setup === undefined) throw new Error(`tenant ${tenantId} is not in the table`);
  return setup;
};

const served = async (tenantId: string) =>
  (await dynamodbTenants(dynamoDb.client, table, { now: () => 0 }).byId(tenantId))?.tenant;

const smaller = acmeWith("limits: { maxActive: 5 }", "callers: [sender:AIDAACME]");
const wider = changed("policies/s3-prefix.yaml", "Action: s3:GetObject", "Action: [s3:GetObject, s3:PutObject]");

describe("sluice tenants check", () => {
  const misspelt = changed("policies/s3-prefix.yaml", "Action: s3:GetObject", "Action: [s3:GetObject, s3:PutObjekt]");
  const warning = /^warning: policies\/s3-prefix.yaml:8:28 .* did you mean "s3:PutObject"\?$/;

  test("warns of an action that AWS does not have, and accepts it", async () => {
    const { code, out, err } = await onFiles(misspelt, "tenants", "check");
    expect(out[0]).toMatch(warning);
    expect(out.at(-1)).toBe("1 tenant without faults: acme");
    expect({ code, err }).toEqual({ code: 0, err: [] });
  });

  test("refuses it with --strict", async () => {
    const { code, out, err } = await onFiles(misspelt, "tenants", "check", "--strict");
    expect(err[0]).toMatch(warning);
    expect({ code, out, rest: err.slice(1) }).toEqual({
      code: 1,
      out: [],
      rest: ["Cannot accept the files: 1 warning"],
    });
  });

  test("plan and apply warn as check does, before the plan", async () => {
    const planned = await plan(misspelt);
    expect(planned).toMatchObject({ code: 0, err: [] });
    expect(planned.out.slice(0, 2)).toEqual([expect.stringMatching(warning), "+ acme"]);
    const applied = await apply(misspelt);
    expect(applied.out.slice(0, 2)).toEqual([expect.stringMatching(warning), "+ acme"]);
    expect(await served("acme")).toBeDefined();
  });

  test("plan tells programs of warnings beside the plan", async () => {
    const { out } = await plan(misspelt, "--json");
    expect(JSON.parse(out.join("\n"))).toMatchObject({
      warnings: [{ file: "policies/s3-prefix.yaml", line: 8, message: expect.stringContaining("s3:PutObjekt") }],
      notes: [],
    });
  });

  test("plan and apply refuse warnings with --strict, and write nothing", async () => {
    for (const run of [plan, apply]) {
      const { code, out, err } = await run(misspelt, "--strict");
      expect({ code, out }).toEqual({ code: 1, out: [] });
      expect(err).toEqual([expect.stringMatching(warning), "Cannot accept the files: 1 warning"]);
    }
    expect(await served("acme")).toBeUndefined();
  });
});

describe("sluice tenants plan", () => {
  test("shows a new tenant with all that its file says, and writes nothing", async () => {
    const { code, out } = await plan(smaller);
    expect(code).toBe(0);
    expect(out).toEqual([
      "+ acme",
      '    + tenantId: "acme"',
      '    + applications.shared: "00f1"',
      '    + executionRoleArn: "arn:aws:iam::111122223333:role/acme"',
      '    + policy.template: "s3-prefix"',
      '    + policy.variables.bucket: "lake"',
      "    + adHoc: false",
      '    + jobTemplates: "report"',
      "    + executionTimeout.defaultMinutes: 720",
      "    + executionTimeout.maxMinutes: 720",
      "    + executionTimeout.streamingWithoutTimeout: false",
      "    + limits.maxActive: 5",
      "    + limits.maxWaiting: 10000",
      "    + limits.weight: 1",
      '    + callers: "sender:AIDAACME"',
      "    + events.started: false",
      "    permissions",
      "      + statement 1 (Allow): grows",
      "          + Action s3:GetObject",
      "          + Resource arn:aws:s3:::lake/acme/*",
      "    proved by",
      "      + caller#sender:AIDAACME",
      "    templates",
      "      + policy template s3-prefix",
      "      + job template report",
      "Plan: 1 to create, 0 to update, 0 to delete, 0 unchanged",
      "May do more than before: acme",
    ]);
    expect(await served("acme")).toBeUndefined();
  });

  test("shows a change field by field, and what is proved by what no longer", async () => {
    await apply(acmeWith("limits: { maxActive: 25 }", "callers: [sender:AIDAOLD]"));
    expect((await plan(smaller)).out).toEqual([
      "~ acme (version 1)",
      "    ~ limits.maxActive: 25 → 5",
      '    - callers: "sender:AIDAOLD"',
      '    + callers: "sender:AIDAACME"',
      "    proved by",
      "      + caller#sender:AIDAACME",
      "      - caller#sender:AIDAOLD",
      "Plan: 0 to create, 1 to update, 0 to delete, 0 unchanged",
    ]);
  });

  test("shows which permissions grow, and whom a changed template touches", async () => {
    await apply({});
    const { out } = await plan({
      ...wider,
      ...changed("templates/report.yaml", "report.py", "report-2.py"),
    });
    expect(out).toEqual([
      "~ acme (version 1)",
      "    permissions",
      "      ~ statement 1 (Allow): grows",
      "          + Action s3:PutObject",
      "    templates",
      "      ~ policy template s3-prefix",
      "      ~ job template report",
      "templates",
      "  ~ policy template s3-prefix, of 1 tenant: acme",
      '      ~ document.Statement.Action: "s3:GetObject" → ["s3:GetObject","s3:PutObject"]',
      "  ~ job template report, of 1 tenant: acme",
      '      ~ jobDriver.sparkSubmit.entryPoint: "s3://jobs/report.py" → "s3://jobs/report-2.py"',
      "Plan: 0 to create, 1 to update, 0 to delete, 0 unchanged",
      "May do more than before: acme",
    ]);
  });

  test("ends with 2 where there are changes, if it is asked to", async () => {
    expect((await plan({}, "--detailed-exitcode")).code).toBe(2);
    await apply({});
    expect(await plan({}, "--detailed-exitcode")).toEqual({
      code: 0,
      out: ["Plan: 0 to create, 0 to update, 0 to delete, 1 unchanged"],
      err: [],
    });
  });

  test("tells programs the same as JSON", async () => {
    await apply({});
    const told = JSON.parse((await plan(wider, "--json")).out.join("\n"));
    expect(told).toMatchObject({
      table,
      tenants: [
        {
          tenantId: "acme",
          change: "update",
          version: 1,
          mayGrow: true,
          fields: [],
          permissions: [
            {
              statement: "statement 1",
              direction: "grows",
              parts: [{ part: "Action", change: "added", value: "s3:PutObject", direction: "grows" }],
            },
          ],
          proofs: { gained: [], lost: [] },
        },
      ],
      templates: [{ kind: "policy template", name: "s3-prefix", tenantIds: ["acme"] }],
      strays: [],
    });
    expect(JSON.parse((await plan({}, "--json")).out.join("\n")).tenants).toEqual([
      { tenantId: "acme", change: "unchanged", version: 1 },
    ]);
  });

  test("says where the table has something that it cannot read", async () => {
    const Item = { pk: { S: "tenant#acme" }, sk: { S: "tenant" }, format: { N: "99" }, setup: { S: "{}" } };
    await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item }));
    const { out, code } = await plan({}, "--detailed-exitcode");
    expect(code).toBe(2);
    expect(out.slice(0, 2)).toEqual([
      "~ acme",
      '    what is stored is not known: Cannot read "tenant#acme" in version 0: it is stored in format 99, and this version reads format 2: apply the tenants with this version',
    ]);
    expect((await apply({})).out).toContain("acme: changed, version 1");
  });

  test("tells faults of the files, and of proofs that another tenant of the table has", async () => {
    await apply(acmeWith("callers: [sender:AIDAONE]"));
    const other = {
      "tenants/acme.yaml": undefined,
      "tenants/beta.yaml": `${String(smaller["tenants/acme.yaml"]).replace("acme\n", "beta\n")}`.replace(
        "AIDAACME",
        "AIDAONE",
      ),
    };
    const { code, err } = await plan(other);
    expect(code).toBe(1);
    expect(err).toEqual([
      'Cannot run "sluice tenants plan": Cannot apply tenant "beta": tenant "acme" lists caller#sender:AIDAONE too: it may prove only one of them',
    ]);
  });
});

describe("sluice tenants apply", () => {
  test("shows the plan and writes it: the next plan is empty", async () => {
    const { code, out } = await apply(smaller);
    expect(code).toBe(0);
    expect(out.slice(-4)).toEqual([
      "Plan: 1 to create, 0 to update, 0 to delete, 0 unchanged",
      "May do more than before: acme",
      "acme: created, version 1",
      `1 tenant in table "${table}" as in the files`,
    ]);
    expect((await plan(smaller)).out).toEqual(["Plan: 0 to create, 0 to update, 0 to delete, 1 unchanged"]);
    expect(await served("acme")).toMatchObject({ limits: { maxActive: 5 } });
  });

  test("leaves a tenant alone that somebody changed after the plan, says so, and ends with 1", async () => {
    await apply({});
    // Somebody else's apply comes between the plan and the write.
    const meanwhile = runOn(dynamoDb, () => table, {
      now: () => noon,
      out: () => undefined,
    });
    const dir = await setupDirectory(acmeWith("description: mine"));
    const theirs = await setupDirectory(acmeWith("description: theirs"));
    let done: Promise<Ran> | undefined;
    const mine = runOn(dynamoDb, () => table, {
      ledger: (name) => {
        const ledger = operatorLedger(dynamoDb.client, name, () => noon);
        return {
          ...ledger,
          async read(setups) {
            const read = await ledger.read(setups);
            done ??= meanwhile("tenants", "apply", "--dir", theirs);
            await done;
            return read;
          },
        };
      },
    });
    const { code, err } = await mine("tenants", "apply", "--dir", dir);
    expect(code).toBe(1);
    expect(err).toEqual([
      "acme: left alone, because somebody changed it in the meantime",
      "Cannot apply all: the table changed in the meantime: run the command again",
    ]);
    expect(await served("acme")).toMatchObject({ description: "theirs" });
  });
});

describe("sluice tenants show, history and rollback", () => {
  test("show a tenant as the table has it", async () => {
    await apply(smaller);
    const { out } = await sluice("tenants", "show", "acme");
    expect(out.slice(0, 9)).toEqual([
      `acme, version 1: ${noon}, ada, apply`,
      "slots: 0 of 5 taken, 0 of 10000 wait, weight 1",
      "execution policy: 117 of 2048 characters, 1931 left",
      "longest values that fit, each beside the others as they are: bucket 63, tenant.id 39",
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::lake/acme/*"}}',
      `proof: ${(await setupIn("acme")).proof?.proofId}`,
      "proved by:",
      "  caller#sender:AIDAACME",
      "",
    ]);
    expect(out[9]).toContain("tenantId: acme\n");
    const told = JSON.parse((await sluice("tenants", "show", "acme", "--json")).out.join("\n"));
    expect(told).toMatchObject({ version: 1, edit: { by: "ada" }, line: { active: [], waiting: 0 } });
    expect(told.policy).toMatchObject({
      characters: 117,
      limit: 2048,
      managedCharacters: 0,
      longestValues: { "tenant.id": 39 },
    });
  });

  test("tell each version with what it changed, and bring one back as the newest", async () => {
    await apply(smaller);
    await apply(acmeWith("limits: { maxActive: 9 }", "callers: [sender:AIDAACME]"), "--by", "grace");
    const rolled = await sluice("tenants", "rollback", "acme", "--to", "1");
    expect(rolled).toEqual({
      code: 0,
      out: [
        "~ acme (version 2)",
        "    ~ limits.maxActive: 9 → 5",
        "acme: changed, version 3",
        'Change tenants/acme.yaml as well, or the next "sluice tenants apply" brings back what it says',
      ],
      err: [],
    });
    expect(await served("acme")).toMatchObject({ limits: { maxActive: 5 } });
    expect((await sluice("tenants", "history", "acme")).out).toEqual([
      `version 3: ${noon}, ada, rollback --to 1`,
      "    ~ limits.maxActive: 9 → 5",
      `version 2: ${noon}, grace, apply`,
      "    ~ limits.maxActive: 5 → 9",
      `version 1: ${noon}, ada, apply`,
      `    proof: ${(await setupIn("acme")).proof?.proofId}`,
    ]);
    expect((await sluice("tenants", "show", "acme", "--version", "2")).out[0]).toBe(
      `acme, version 2: ${noon}, grace, apply`,
    );
    const told = JSON.parse((await sluice("tenants", "history", "acme", "--json")).out.join("\n"));
    const { proofId } = (await setupIn("acme")).proof ?? {};
    expect(told.versions.map((one: { proofId?: string }) => one.proofId)).toEqual([proofId, proofId, proofId]);
    expect(told.versions[1]).toMatchObject({
      version: 2,
      by: "grace",
      change: { fields: [{ field: "limits.maxActive", from: 5, to: 9 }] },
    });
    expect((await sluice("tenants", "rollback", "acme", "--to", "3")).out).toEqual(["acme: unchanged, version 3"]);
  });

  test("tell of a version that cannot be read that it cannot, and of the others what they changed", async () => {
    await apply(smaller);
    await apply(acmeWith("limits: { maxActive: 9 }"));
    await apply(acmeWith("limits: { maxActive: 8 }"));
    await apply(acmeWith("limits: { maxActive: 7 }"));
    const Item = { pk: { S: "tenant#acme" }, sk: { S: "version#000002" }, version: { N: "2" }, setup: { S: "{" } };
    await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item }));
    const { code, out } = await sluice("tenants", "history", "acme");
    const proof = `    proof: ${(await setupIn("acme")).proof?.proofId}`;
    expect(code).toBe(0);
    expect(out).toEqual([
      `version 4: ${noon}, ada, apply`,
      "    ~ limits.maxActive: 8 → 7",
      `version 3: ${noon}, ada, apply`,
      proof,
      expect.stringMatching(/^version 2: Cannot read "tenant#acme" in version 2: it is stored in format undefined/),
      `version 1: ${noon}, ada, apply`,
      proof,
    ]);
  });

  test("bring a tenant back that was removed", async () => {
    await apply(smaller);
    await sluice("tenants", "remove", "acme");
    expect((await sluice("tenants", "history", "acme")).out[0]).toBe(
      `acme is removed: table "${table}" has only its earlier versions`,
    );
    expect((await sluice("tenants", "rollback", "acme", "--to", "1")).out).toContain("acme: created, version 2");
    expect(await served("acme")).toMatchObject({ callers: ["sender:AIDAACME"] });
  });

  test("refuse a version that is not proved by the rules of today, and name the breach", async () => {
    await apply({});
    const leaky = await setupIn("acme");
    const text = JSON.stringify(leaky.policyTemplate).replaceAll("{{tenant.id}}/*", "{{tenant.id}}*");
    // As an earlier release stored it: nothing was proved then.
    const { proof: _proof, ...unproved } = { ...leaky, policyTemplate: JSON.parse(text) };
    await applyTenants(dynamoDb.client, table, [unproved]);
    await apply({});
    const { code, err } = await sluice("tenants", "rollback", "acme", "--to", "2");
    expect(code).toBe(1);
    expect(err[0]).toMatch(
      /^policy template s3-prefix: \/territory\/0 tenant "acme" may s3:GetObject .* must end the tenant id with "\/"/,
    );
    expect(err.at(-1)).toMatch(/^Cannot change tenant "acme": \d+ faults?$/);
    expect((await setupIn("acme")).proof).toEqual(leaky.proof);
  });

  test("keep the proof of a version that is brought back, so that its jobs start", async () => {
    await apply({});
    const { proof } = await setupIn("acme");
    expect(proof?.proofId).toMatch(/./);
    await apply(smaller);
    await sluice("tenants", "rollback", "acme", "--to", "1");
    expect((await setupIn("acme")).proof).toEqual(proof);
  });

  test("prove a version beside the tenants that are there, and say which of them cannot be judged", async () => {
    await apply({});
    await apply(smaller);
    const beta = { ...(await setupIn("acme")) };
    const old = { ...beta, tenant: { ...beta.tenant, tenantId: "beta", callers: [] }, policyTemplate: { name: "old" } };
    await applyTenants(dynamoDb.client, table, [JSON.parse(JSON.stringify(old))]);
    expect((await sluice("tenants", "rollback", "acme", "--to", "1")).err).toEqual([
      "tenant beta: cannot be judged by the rules of today, so nothing stays apart from it for certain: apply it first",
      'Cannot change tenant "acme": 1 fault',
    ]);
  });

  test("refuse a version whose proof another tenant has by now, and one that is not kept", async () => {
    await apply(acmeWith("callers: [sender:AIDAONE]"));
    await apply({});
    const beta = String(acmeWith("callers: [sender:AIDAONE]")["tenants/acme.yaml"]).replace("acme\n", "beta\n");
    await apply({ "tenants/beta.yaml": beta });
    expect(await sluice("tenants", "rollback", "acme", "--to", "1")).toMatchObject({
      code: 1,
      err: [expect.stringContaining('tenant "beta" lists caller#sender:AIDAONE too')],
    });
    expect((await sluice("tenants", "rollback", "acme", "--to", "7")).err).toEqual([
      'Cannot roll tenant "acme" back to version 7: the kept versions are 2, 1',
    ]);
    for (const command of [
      ["rollback", "acne", "--to", "1"],
      ["history", "acne"],
      ["show", "acne"],
    ]) {
      expect((await sluice("tenants", ...command)).code).toBe(1);
    }
  });
});

describe("sluice limits", () => {
  test("tells a tenant's limits, and changes them as a new version", async () => {
    await apply({});
    expect((await sluice("limits", "acme")).out).toEqual(["acme: maxActive 25, maxWaiting 10000, weight 1"]);
    expect((await sluice("limits", "acme", "--max-active", "5", "--weight", "3")).out).toEqual([
      "~ acme (version 1)",
      "    ~ limits.maxActive: 25 → 5",
      "    ~ limits.weight: 1 → 3",
      "acme: changed, version 2",
      'Change tenants/acme.yaml as well, or the next "sluice tenants apply" brings back what it says',
    ]);
    expect((await served("acme"))?.limits).toEqual({ maxActive: 5, maxWaiting: 10_000, weight: 3 });
    expect((await sluice("tenants", "history", "acme")).out[0]).toBe(
      `version 2: ${noon}, ada, limits maxActive 5, weight 3`,
    );
    expect((await plan({})).out).toContain("    ~ limits.maxActive: 5 → 25");
  });

  test("keeps what was proved, and heeds no other tenant's state", async () => {
    await apply({});
    const { proof } = await setupIn("acme");
    const Item = { pk: { S: "tenant#beta" }, sk: { S: "tenant" }, kind: { S: "tenant" }, setup: { S: "{" } };
    await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item }));
    expect((await sluice("limits", "acme", "--max-active", "5")).code).toBe(0);
    expect(proof).toBeDefined();
    expect((await setupIn("acme")).proof).toEqual(proof);
  });

  test("refuses what a tenant's file may not say either, and a tenant that is not there", async () => {
    await apply({});
    expect(await sluice("limits", "acme", "--max-active", "0", "--max-waiting", "few", "--weight", "101")).toEqual({
      code: 2,
      out: [],
      err: [
        'Option "--max-active" must be at least 1: current value is "0"',
        'Option "--max-waiting" must be a whole number: current value is "few"',
        'Option "--weight" must be at most 100: current value is "101"',
        'See "sluice --help"',
      ],
    });
    expect((await sluice("limits", "acne", "--weight", "2")).err).toEqual([
      `Cannot run "sluice limits": table "${table}" does not have tenant "acne"`,
    ]);
  });
});
