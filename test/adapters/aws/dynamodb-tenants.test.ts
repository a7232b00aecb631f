import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { applyTenants } from "#adapters/aws/apply-tenants.ts";
import { dynamodbTenants } from "#adapters/aws/dynamodb-tenants.ts";
import { tenantsContract } from "#test/contracts/tenants.ts";
import { startDynamoDb, type TestDynamoDb } from "#test/helpers/dynamodb.ts";
import { tenantSetup } from "#test/helpers/tenant.ts";

let dynamoDb: TestDynamoDb;
let table: string;
let time = 0;
const now = () => time;

beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
beforeEach(async () => {
  table = await dynamoDb.newTable();
  time = 0;
});
afterAll(async () => {
  await dynamoDb.end();
});

tenantsContract("dynamodbTenants", async (setups) => {
  await applyTenants(dynamoDb.client, table, setups);
  return {
    tenants: dynamodbTenants(dynamoDb.client, table, { now }),
    async replace(next) {
      await applyTenants(dynamoDb.client, table, next);
      time += 10_000;
    },
  };
});

const acme = tenantSetup({ tenantId: "acme", eventSources: ["acme.jobs"] });
const renamed = tenantSetup({ tenantId: "acme", eventSources: ["acme.jobs"], description: "renamed" });
const acmeWithout = tenantSetup({ tenantId: "acme" });
const betaTakes = tenantSetup({ tenantId: "beta", eventSources: ["acme.jobs"] });

/** The client, with a count of what it sends and a switch that makes the table fail. */
const watched = () => {
  const watch = { sent: 0, down: false };
  const client: Pick<DynamoDBClient, "send"> = new Proxy(dynamoDb.client, {
    get(target, name) {
      if (name !== "send") return Reflect.get(target, name);
      return (command: Parameters<DynamoDBClient["send"]>[0]) => {
        watch.sent++;
        if (watch.down) return Promise.reject(Object.assign(new Error("down"), { name: "InternalServerError" }));
        return target.send(command);
      };
    },
  });
  return { watch, client: client as DynamoDBClient };
};

const putPointer = async (proof: string, tenantId: string): Promise<void> => {
  const Item = { pk: { S: `proof#${proof}` }, sk: { S: `tenant#${tenantId}` } };
  await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item }));
};

describe("dynamodbTenants: pointers", () => {
  test("a stale pointer proves nobody", async () => {
    await applyTenants(dynamoDb.client, table, [acmeWithout, betaTakes]);
    await putPointer("source#acme.jobs", "acme");
    await putPointer("source#acme.jobs", "deleted");
    const tenants = dynamodbTenants(dynamoDb.client, table, { now });
    expect(await tenants.provedBy("source#acme.jobs")).toEqual([betaTakes]);
  });

  test("a tenant is found by a proof that is newer than what is kept of the tenant", async () => {
    await applyTenants(dynamoDb.client, table, [acmeWithout]);
    const tenants = dynamodbTenants(dynamoDb.client, table, { now });
    await tenants.byId("acme");
    await applyTenants(dynamoDb.client, table, [acme]);
    expect(await tenants.provedBy("source#acme.jobs")).toEqual([acme]);
  });

  test("a proof that moved is found with its new tenant as soon as the old one is known to have lost it", async () => {
    await applyTenants(dynamoDb.client, table, [acme]);
    const tenants = dynamodbTenants(dynamoDb.client, table, { now });
    await tenants.byId("acme");
    time = 5000;
    await tenants.provedBy("source#acme.jobs");
    await applyTenants(dynamoDb.client, table, [acmeWithout, betaTakes]);
    time = 10_000;
    await tenants.byId("acme");
    expect(await tenants.provedBy("source#acme.jobs")).toEqual([betaTakes]);
  });

  test("more pointers than one page of a query are all found", async () => {
    // 1 MB a page (Amazon DynamoDB Developer Guide, "Paginating table query results").
    const bucket = "b".repeat(63);
    const trigger = { name: "inbox", bucket, prefix: "", jobTemplate: "daily" };
    const client = new Proxy(dynamoDb.client, {
      get(target, name) {
        if (name !== "send") return Reflect.get(target, name);
        return (command: { input: object; constructor: { name: string } } & Parameters<DynamoDBClient["send"]>[0]) => {
          if (command.constructor.name === "QueryCommand") Object.assign(command.input, { Limit: 2 });
          return target.send(command);
        };
      },
    });
    const setups = ["aa", "bb", "cc", "dd", "ee"].map((tenantId) => tenantSetup({ tenantId, triggers: [trigger] }));
    await applyTenants(dynamoDb.client, table, setups);
    const tenants = dynamodbTenants(client, table, { now });
    expect(await tenants.provedBy(`bucket#${bucket}`)).toHaveLength(5);
  });
});

describe("dynamodbTenants: what is kept", () => {
  test("a tenant is read once in ten seconds", async () => {
    await applyTenants(dynamoDb.client, table, [acme]);
    const { client, watch } = watched();
    const tenants = dynamodbTenants(client, table, { now });
    expect(await tenants.provedBy("source#acme.jobs")).toEqual([acme]);
    expect(watch.sent).toBe(2);
    await applyTenants(dynamoDb.client, table, [renamed]);
    time = 9999;
    expect(await tenants.provedBy("source#acme.jobs")).toEqual([acme]);
    expect(await tenants.byId("acme")).toEqual(acme);
    expect(watch.sent).toBe(2);
    time = 10_000;
    expect(await tenants.byId("acme")).toEqual(renamed);
    expect(watch.sent).toBe(3);
  });

  test("calls at the same time share one read", async () => {
    await applyTenants(dynamoDb.client, table, [acme]);
    const { client, watch } = watched();
    const tenants = dynamodbTenants(client, table, { now });
    await Promise.all(Array.from({ length: 20 }, () => tenants.provedBy("source#acme.jobs")));
    expect(watch.sent).toBe(2);
  });

  test("that nobody is found is believed for a second and a half only", async () => {
    const { client, watch } = watched();
    const tenants = dynamodbTenants(client, table, { now });
    expect(await tenants.provedBy("source#acme.jobs")).toEqual([]);
    expect(await tenants.byId("acme")).toBeUndefined();
    await applyTenants(dynamoDb.client, table, [acme]);
    time = 1499;
    expect(await tenants.provedBy("source#acme.jobs")).toEqual([]);
    expect(await tenants.byId("acme")).toBeUndefined();
    expect(watch.sent).toBe(2);
    time = 1500;
    expect(await tenants.provedBy("source#acme.jobs")).toEqual([acme]);
    expect(await tenants.byId("acme")).toEqual(acme);
  });

  test("the last good value stays while the table does not answer", async () => {
    await applyTenants(dynamoDb.client, table, [acme]);
    const { client, watch } = watched();
    const tenants = dynamodbTenants(client, table, { now });
    await tenants.provedBy("source#acme.jobs");
    watch.down = true;
    time = 60_000;
    expect(await tenants.provedBy("source#acme.jobs")).toEqual([acme]);
    expect(await tenants.byId("acme")).toEqual(acme);
    watch.down = false;
    await applyTenants(dynamoDb.client, table, [renamed]);
    time = 61_500;
    expect(await tenants.provedBy("source#acme.jobs")).toEqual([renamed]);
  });

  test("while the table does not answer, an unknown tenant is an error and not an absent one", async () => {
    const { client, watch } = watched();
    const tenants = dynamodbTenants(client, table, { now });
    expect(await tenants.byId("acme")).toBeUndefined();
    expect(await tenants.provedBy("source#acme.jobs")).toEqual([]);
    watch.down = true;
    time = 60_000;
    await expect(tenants.byId("acme")).rejects.toMatchObject({ code: "ERR_LEDGER_DOWN" });
    await expect(tenants.provedBy("source#acme.jobs")).rejects.toMatchObject({ code: "ERR_LEDGER_DOWN" });
    await expect(tenants.byId("other")).rejects.toMatchObject({ code: "ERR_LEDGER_DOWN" });
  });

  test("no more tenants are kept than it is told, and the least asked for goes first", async () => {
    const setups = ["aa", "bb", "cc"].map((tenantId) => tenantSetup({ tenantId }));
    await applyTenants(dynamoDb.client, table, setups);
    const { client, watch } = watched();
    const tenants = dynamodbTenants(client, table, { now, maxEntries: 2 });
    for (const tenantId of ["aa", "bb", "aa", "cc", "aa"]) await tenants.byId(tenantId);
    expect(watch.sent).toBe(3);
    await tenants.byId("bb");
    expect(watch.sent).toBe(4);
  });

  test("a tenant of another format is an error and not an absent one", async () => {
    const Item = { pk: { S: "tenant#acme" }, sk: { S: "tenant" }, format: { N: "99" }, setup: { S: "{}" } };
    await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item }));
    const tenants = dynamodbTenants(dynamoDb.client, table, { now });
    await expect(tenants.byId("acme")).rejects.toThrow("it is stored in format 99");
  });
});
