import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dynamodbTenants } from "#adapters/aws/dynamodb-tenants.ts";
import { acmeWith, type Files, setupDirectory, soundFiles } from "#test/adapters/files/setup-directory.ts";
import { startDynamoDb, type TestDynamoDb } from "#test/helpers/dynamodb.ts";
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

const trigger = (tenantId: string): string =>
  `triggers: [{ name: inbox, bucket: shared, prefix: in/${tenantId}/, jobTemplate: report, parameters: { date: "2026-11-21" } }]`;

const tenantFile = (tenantId: string): string =>
  `${String(soundFiles["tenants/acme.yaml"]).replace("acme\n", `${tenantId}\n`)}${trigger(tenantId)}\n`;

const both: Files = { "tenants/acme.yaml": tenantFile("acme"), "tenants/globex.yaml": tenantFile("globex") };

const onFiles = async (files: Files, ...args: readonly string[]): Promise<Ran> =>
  await sluice(...args, "--dir", await setupDirectory(files));

/** Changes a byte of what is stored, as a restore from a wrong place or a slip in the console does. */
const breakRecord = async (tenantId: string, ...sortKeys: readonly string[]): Promise<void> => {
  for (const sk of sortKeys) {
    const Key = { pk: { S: `tenant#${tenantId}` }, sk: { S: sk } };
    const { Item = {} } = await dynamoDb.client.send(new GetItemCommand({ TableName: table, Key }));
    const setup = { S: `${Item["setup"]?.S} ` };
    await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item: { ...Item, setup } }));
  }
};

const served = async (tenantId: string) =>
  (await dynamodbTenants(dynamoDb.client, table, { now: () => 0 }).byId(tenantId))?.tenant;

const brokenGlobex =
  'the record is broken, so this is of version 1 as it was kept: Cannot read "tenant#globex" in version 1: it is not what was applied: apply the tenants again';

describe("a record that is broken, where its version's own item is whole", () => {
  beforeEach(async () => {
    await onFiles(both, "tenants", "apply");
    await sluice("limits", "acme", "--max-active", "5");
    await breakRecord("globex", "tenant");
  });

  test("holds up no rollback of another tenant", async () => {
    expect(await sluice("tenants", "rollback", "acme", "--to", "1")).toMatchObject({ code: 0, err: [] });
    expect((await served("acme"))?.limits.maxActive).toBe(25);
  });

  test("holds up no other tenant of the same bucket", async () => {
    const { code, err } = await onFiles({ "tenants/acme.yaml": tenantFile("acme") }, "tenants", "apply");
    expect({ code, err }).toEqual({ code: 0, err: [] });
    const greedy = { "tenants/acme.yaml": tenantFile("acme").replace("in/acme/", "in/") };
    expect((await onFiles(greedy, "tenants", "apply")).err.join()).toContain('tenant "globex" has trigger "inbox"');
  });

  test("is written anew by apply, and plan tells no more than what changes", async () => {
    const planned = await onFiles(both, "tenants", "plan", "--detailed-exitcode");
    expect(planned.code).toBe(2);
    expect(planned.out).toEqual([
      "~ acme (version 2)",
      "    ~ limits.maxActive: 5 → 25",
      "~ globex (version 1)",
      `    ${brokenGlobex}`,
      "Plan: 0 to create, 2 to update, 0 to delete, 0 unchanged",
    ]);
    expect((await onFiles(both, "tenants", "apply")).out).toContain("globex: changed, version 2");
    expect((await onFiles(both, "tenants", "plan", "--detailed-exitcode")).code).toBe(0);
  });

  test("is shown as the functions have it, with a word about the record", async () => {
    const { code, out } = await sluice("tenants", "show", "globex");
    expect(code).toBe(0);
    expect(out[0]).toMatch(/^globex, version 1: /);
    expect(out[1]).toBe(brokenGlobex);
    expect(out.at(-1)).toContain("tenantId: globex");
    const told = JSON.parse((await sluice("tenants", "show", "globex", "--json")).out.join("\n"));
    expect(told).toMatchObject({ version: 1, unreadable: brokenGlobex, tenant: { tenantId: "globex" } });
  });

  test("is written anew by a change of the tenant's limits", async () => {
    const { code, out } = await sluice("limits", "globex", "--weight", "3");
    expect(code).toBe(0);
    expect(out).toContain("    ~ limits.weight: 1 → 3");
    expect(await served("globex")).toMatchObject({ limits: { weight: 3 } });
    expect((await sluice("tenants", "show", "globex")).out[1]).toMatch(/^slots: /);
  });
});

describe("a record that is broken, and its version's own item too", () => {
  beforeEach(async () => {
    await onFiles(both, "tenants", "apply");
    await onFiles({ ...both, ...acmeWith("description: mine", trigger("acme")) }, "tenants", "apply");
    await breakRecord("globex", "tenant", "version#000001");
  });

  test("is named where another tenant is rolled back, and apply is the way out", async () => {
    expect((await sluice("tenants", "rollback", "acme", "--to", "1")).err).toEqual([
      "tenant globex: cannot be judged by the rules of today, so nothing stays apart from it for certain: apply it first",
      'Cannot change tenant "acme": 1 fault',
    ]);
    expect((await onFiles(both, "tenants", "apply")).code).toBe(0);
    expect((await sluice("tenants", "rollback", "acme", "--to", "2")).code).toBe(0);
  });

  test("is named where somebody may have taken what proves it", async () => {
    expect((await onFiles({ "tenants/acme.yaml": tenantFile("acme") }, "tenants", "apply")).err.join()).toContain(
      'tenant "globex" may list bucket#shared too: Cannot read "tenant#globex" in version 1',
    );
  });

  test("can be shown by nobody", async () => {
    const { code, err } = await sluice("tenants", "show", "globex");
    expect({ code, err }).toEqual({ code: 1, err: [expect.stringContaining('Cannot read "tenant#globex"')] });
  });
});
