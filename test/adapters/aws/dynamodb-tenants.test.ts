import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { applyTenants } from "#adapters/aws/apply-tenants.ts";
import { dynamodbTenants, type UnreadableTenant } from "#adapters/aws/dynamodb-tenants.ts";
import { triggerOf } from "#domain/tenant/prove-tenant.ts";
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
    await expect(tenants.byId("acme")).rejects.toMatchObject({
      code: "ERR_TENANT_UNREADABLE",
      message: expect.stringContaining("it is stored in format 99"),
    });
  });
});

describe("dynamodbTenants: a record that is broken", () => {
  const key = (sk: string) => ({ pk: { S: "tenant#acme" }, sk: { S: sk } });

  /** Cuts the stored text short, as a hand in the console may. */
  const breakRecord = async (sk: string): Promise<void> => {
    const { Item } = await dynamoDb.client.send(new GetItemCommand({ TableName: table, Key: key(sk) }));
    const setup = { S: (Item?.["setup"]?.S ?? "").slice(0, -10) };
    await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item: { ...Item, setup } }));
  };

  const open = () => {
    const told: UnreadableTenant[] = [];
    const onUnreadable = (tenant: UnreadableTenant) => told.push(tenant);
    return { told, tenants: dynamodbTenants(dynamoDb.client, table, { now, onUnreadable }) };
  };

  test("its version's own item stands in for it, also where nothing is kept, and it is told once a version", async () => {
    await applyTenants(dynamoDb.client, table, [acme]);
    await breakRecord("tenant");
    const { tenants, told } = open();
    expect(await tenants.provedBy("source#acme.jobs")).toEqual([acme]);
    time = 10_000;
    expect(await tenants.byId("acme")).toEqual(acme);
    expect(told).toEqual([
      { tenantId: "acme", version: 1, error: expect.objectContaining({ code: "ERR_TENANT_UNREADABLE" }) },
    ]);
    await applyTenants(dynamoDb.client, table, [renamed]);
    await breakRecord("tenant");
    time = 20_000;
    expect(await tenants.byId("acme")).toEqual(renamed);
    expect(told.map(({ version }) => version)).toEqual([1, 2]);
  });

  test("where the table has no whole copy of it, what was kept stays in use until it is applied again", async () => {
    await applyTenants(dynamoDb.client, table, [acme]);
    const { tenants } = open();
    await tenants.provedBy("source#acme.jobs");
    await breakRecord("tenant");
    await breakRecord("version#000001");
    time = 60_000;
    expect(await tenants.provedBy("source#acme.jobs")).toEqual([acme]);
    expect(await tenants.byId("acme")).toEqual(acme);
    await applyTenants(dynamoDb.client, table, [renamed]);
    time = 61_500;
    expect(await tenants.byId("acme")).toEqual(renamed);
  });

  test("a function that has never seen it whole fails for it, and takes it for no unknown one", async () => {
    await applyTenants(dynamoDb.client, table, [acme]);
    await breakRecord("tenant");
    await breakRecord("version#000001");
    const { tenants } = open();
    await expect(tenants.byId("acme")).rejects.toMatchObject({ code: "ERR_TENANT_UNREADABLE", kind: "down" });
    await expect(tenants.provedBy("source#acme.jobs")).rejects.toMatchObject({ code: "ERR_TENANT_UNREADABLE" });
  });

  test("the record of another tenant under its key is not believed", async () => {
    await applyTenants(dynamoDb.client, table, [acmeWithout, betaTakes]);
    const beta = { pk: { S: "tenant#beta" }, sk: { S: "tenant" } };
    const { Item } = await dynamoDb.client.send(new GetItemCommand({ TableName: table, Key: beta }));
    await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item: { ...Item, ...key("tenant") } }));
    const { tenants, told } = open();
    expect(await tenants.byId("acme")).toEqual(acmeWithout);
    expect(String(told[0]?.error)).toContain('it is that of tenant "beta"');
  });

  test("touches no other tenant: of a bucket that two share, the other one's objects go on", async () => {
    const trigger = (prefix: string) => [{ name: "inbox", bucket: "shared", prefix, jobTemplate: "daily" }];
    const beta = tenantSetup({ tenantId: "beta", triggers: trigger("beta/") });
    await applyTenants(dynamoDb.client, table, [tenantSetup({ tenantId: "acme", triggers: trigger("acme/") }), beta]);
    await breakRecord("tenant");
    await breakRecord("version#000001");
    const { tenants } = open();
    const object = (key: string) => ({ bucket: "shared", key, version: "1" });
    expect((await triggerOf(tenants, object("beta/data.csv")))?.setup).toEqual(beta);
    // It may be acme's, so it is not thrown away as nobody's.
    await expect(triggerOf(tenants, object("acme/data.csv"))).rejects.toMatchObject({ code: "ERR_TENANT_UNREADABLE" });
  });
});
