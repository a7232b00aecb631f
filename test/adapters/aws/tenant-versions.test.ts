import { createHash } from "node:crypto";
import { type DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { applyTenants, tenantsToApply } from "#adapters/aws/apply-tenants.ts";
import { dynamodbTenants } from "#adapters/aws/dynamodb-tenants.ts";
import { removeTenant } from "#adapters/aws/remove-tenant.ts";
import type { Item } from "#adapters/aws/tenant-items.ts";
import { readVersion, readVersions } from "#adapters/aws/tenant-versions.ts";
import { tenantChange } from "#domain/tenant/tenant-changes.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { startDynamoDb, type TestDynamoDb } from "#test/helpers/dynamodb.ts";
import { noon, samplePolicyTemplate } from "#test/helpers/setup.ts";
import { tenantSetup } from "#test/helpers/tenant.ts";

let dynamoDb: TestDynamoDb;
let table: string;

beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
beforeEach(async () => {
  table = await dynamoDb.newTable();
});
afterAll(async () => {
  await dynamoDb.end();
});

const edit = { at: noon, by: "ada", command: "apply" };
const acme = (description: string, own: object = {}) => tenantSetup({ tenantId: "acme", description, ...own });
const apply = (...setups: TenantSetup[]) => applyTenants(dynamoDb.client, table, setups, edit);
const versions = async () => (await readVersions(dynamoDb.client, table, "acme")).map(({ version }) => version);

const allItems = async (): Promise<Item[]> => {
  const { Items = [] } = await dynamoDb.client.send(new ScanCommand({ TableName: table }));
  return Items.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
};
const keyOf = ({ pk, sk }: Item): string => `${pk?.S} ${sk?.S}`;

describe("versions of a tenant", () => {
  test("each change is the next one, with its content, when it was made, by whom and how", async () => {
    await apply(acme("first"));
    expect(await apply(acme("first"))).toMatchObject([{ verdict: "unchanged", version: 1 }]);
    expect(await apply(acme("second"))).toMatchObject([{ verdict: "changed", version: 2 }]);
    const kept = (version: number, setup: TenantSetup) => ({
      ...{ tenantId: "acme", version, before: { version, setup, edit } },
    });
    expect(await readVersions(dynamoDb.client, table, "acme")).toEqual([
      kept(2, acme("second")),
      kept(1, acme("first")),
    ]);
    expect(await readVersion(dynamoDb.client, table, "acme", 1)).toEqual({ version: 1, setup: acme("first"), edit });
    expect(await readVersion(dynamoDb.client, table, "acme", 3)).toBeUndefined();
  });

  test("the order of keys in a file is no change", async () => {
    await apply(acme("first", { tags: { team: "etl", cost: "1" } }));
    const turned = acme("first", { tags: { cost: "1", team: "etl" } });
    expect(await apply(turned)).toMatchObject([{ verdict: "unchanged", version: 1 }]);
  });

  test("no more than fifty are kept, the newest", async () => {
    for (let at = 1; at <= 52; at += 1) await apply(acme(`state ${at}`));
    const kept = await versions();
    expect(kept).toHaveLength(50);
    expect(kept).toEqual(Array.from({ length: 50 }, (_, at) => 52 - at));
  });

  test("they outlive the tenant, and go on counting where it comes back", async () => {
    await apply(acme("first"));
    await removeTenant(dynamoDb.client, table, "acme");
    expect(await versions()).toEqual([1]);
    expect(await apply(acme("again"))).toMatchObject([{ verdict: "created", version: 2 }]);
  });

  test("a tenant that was stored before versions were counted is read, and gets its first one", async () => {
    await apply(acme("first"));
    const Key = { pk: { S: "tenant#acme" }, sk: { S: "tenant" } };
    const { Item = {} } = await dynamoDb.client.send(new GetItemCommand({ TableName: table, Key }));
    const { format, digest, setup } = Item;
    table = await dynamoDb.newTable();
    const old = { ...Key, ...(format && { format }), ...(digest && { version: digest }), ...(setup && { setup }) };
    await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item: old }));

    const tenants = dynamodbTenants(dynamoDb.client, table, { now: () => 0 });
    expect(await tenants.byId("acme")).toEqual(acme("first"));
    expect(await apply(acme("first"))).toMatchObject([{ verdict: "unchanged", version: 1 }]);
    expect(await versions()).toEqual([1]);
    expect(await apply(acme("second"))).toMatchObject([{ verdict: "changed", version: 2 }]);
  });

  test("one of an earlier format is for operators only, and is stored anew by the next apply", async () => {
    await apply(acme("first"));
    const Key = { pk: { S: "tenant#acme" }, sk: { S: "tenant" } };
    const { Item = {} } = await dynamoDb.client.send(new GetItemCommand({ TableName: table, Key }));
    const text = Item["setup"]?.S ?? "";
    const digest = createHash("sha256").update(`1 ${text}`).digest("hex").slice(0, 16);
    for (const sk of ["tenant", "version#000001"]) {
      const old = { ...Item, sk: { S: sk }, format: { N: "1" }, digest: { S: digest } };
      await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item: old }));
    }
    const tenants = () => dynamodbTenants(dynamoDb.client, table, { now: () => 0 });
    await expect(tenants().byId("acme")).rejects.toMatchObject({ code: "ERR_TENANT_UNREADABLE" });
    expect((await readVersions(dynamoDb.client, table, "acme"))[0]?.before?.setup).toEqual(acme("first"));
    expect((await readVersion(dynamoDb.client, table, "acme", 1, "all"))?.setup).toEqual(acme("first"));
    expect(await apply(acme("first"))).toMatchObject([{ verdict: "unchanged", version: 2 }]);
    expect(await tenants().byId("acme")).toEqual(acme("first"));
  });

  test("a tenant that changes right after it was stored so keeps what it was", async () => {
    const item = { pk: { S: "tenant#acme" }, sk: { S: "tenant" } };
    await apply(acme("first"));
    const { Item = {} } = await dynamoDb.client.send(new GetItemCommand({ TableName: table, Key: item }));
    table = await dynamoDb.newTable();
    // The run that stored it was cut off before it kept the version.
    await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item }));
    await apply(acme("second"));
    expect((await readVersion(dynamoDb.client, table, "acme", 1))?.setup).toEqual(acme("first"));
  });
});

describe("apply() of what was read", () => {
  test("leaves a tenant alone that somebody changed meanwhile, and goes on with the others", async () => {
    await apply(acme("first"));
    const beta = tenantSetup({ tenantId: "beta" });
    const read = await tenantsToApply(dynamoDb.client, table, [acme("mine"), beta]);
    await apply(acme("theirs"));
    expect(await read.apply(edit)).toEqual([
      { tenantId: "acme", verdict: "conflict", version: 1 },
      { tenantId: "beta", verdict: "created", version: 1 },
    ]);
    const tenants = dynamodbTenants(dynamoDb.client, table, { now: () => 0 });
    expect(await tenants.byId("acme")).toEqual(acme("theirs"));
  });

  test("does not create a tenant that somebody created meanwhile, nor bring back one that was removed", async () => {
    const first = await tenantsToApply(dynamoDb.client, table, [acme("mine")]);
    await apply(acme("theirs"));
    expect(await first.apply(edit)).toMatchObject([{ verdict: "conflict" }]);
    const second = await tenantsToApply(dynamoDb.client, table, [acme("mine")]);
    await removeTenant(dynamoDb.client, table, "acme");
    expect(await second.apply(edit)).toMatchObject([{ verdict: "conflict" }]);
    expect(await versions()).toEqual([1]);
  });

  test("holds a tenant back whose proof is still another's", async () => {
    await apply(acme("first", { eventSources: ["acme.jobs"] }));
    const taker = tenantSetup({ tenantId: "aardvark", eventSources: ["acme.jobs"] });
    const read = await tenantsToApply(dynamoDb.client, table, [taker, acme("mine")]);
    await apply(acme("theirs", { eventSources: ["acme.jobs"] }));
    expect(await read.apply(edit)).toMatchObject([
      { tenantId: "aardvark", verdict: "held back" },
      { tenantId: "acme", verdict: "conflict" },
    ]);
    const tenants = dynamodbTenants(dynamoDb.client, table, { now: () => 0 });
    const [holder] = await tenants.provedBy("source#acme.jobs");
    expect(holder?.tenant.tenantId).toBe("acme");
  });

  const withBucket = (tenantId: string, bucket: string, unique = true) => ({
    ...tenantSetup({ tenantId, policy: { template: "own-prefix", variables: { bucket } } }),
    policyTemplate: samplePolicyTemplate({ variables: { bucket: { type: "bucket", unique } } }),
  });

  test("holds a tenant back whose bucket is still another's", async () => {
    await apply(withBucket("acme", "lake"));
    const setups = [withBucket("aardvark", "lake"), withBucket("acme", "pond")];
    const read = await tenantsToApply(dynamoDb.client, table, setups);
    await apply(withBucket("acme", "sea"));
    await apply(withBucket("acme", "lake"));
    expect(await read.apply(edit)).toMatchObject([
      { tenantId: "aardvark", verdict: "held back" },
      { tenantId: "acme", verdict: "conflict" },
    ]);
    expect(await (await tenantsToApply(dynamoDb.client, table, setups)).apply(edit)).toMatchObject([
      { tenantId: "aardvark", verdict: "created" },
      { tenantId: "acme", verdict: "changed" },
    ]);
  });

  test("holds a tenant back whose bucket one of several others still has", async () => {
    await apply(withBucket("acme", "lake", false), withBucket("beta", "lake", false));
    const setups = [withBucket("acme", "pond"), withBucket("beta", "sea"), withBucket("aardvark", "lake")];
    const read = await tenantsToApply(dynamoDb.client, table, setups);
    await apply(withBucket("acme", "lake"));
    expect(await read.apply(edit)).toMatchObject([
      { tenantId: "acme", verdict: "conflict" },
      { tenantId: "beta", verdict: "changed" },
      { tenantId: "aardvark", verdict: "held back" },
    ]);
  });

  test("refuses a swap of buckets, in which nobody can go first, and writes nothing", async () => {
    await apply(withBucket("acme", "lake"), withBucket("beta", "pond"));
    const swapped = [withBucket("acme", "pond"), withBucket("beta", "lake"), withBucket("gamma", "sea")];
    await expect(tenantsToApply(dynamoDb.client, table, swapped)).rejects.toThrow(
      'Cannot apply tenants "acme", "beta" at once: among them values change hands in a circle that only one tenant may have. Apply them with other values first',
    );
  });

  test("says what cannot be read, and replaces it", async () => {
    const Item = { pk: { S: "tenant#acme" }, sk: { S: "tenant" }, format: { N: "99" }, setup: { S: "{}" } };
    await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item }));
    const read = await tenantsToApply(dynamoDb.client, table, [acme("first")]);
    expect(read.stored).toEqual([
      { tenantId: "acme", version: 0, unreadable: expect.stringContaining("it is stored in format 99") },
    ]);
    expect(await read.apply(edit)).toMatchObject([{ verdict: "changed", version: 1 }]);
  });

  test("refuses triggers that overlap those of a tenant that is not applied now", async () => {
    const trigger = (prefix: string) => [{ name: "inbox", bucket: "shared", prefix, jobTemplate: "daily" }];
    await apply(tenantSetup({ tenantId: "beta", triggers: trigger("in/beta/") }));
    await expect(apply(acme("first", { triggers: trigger("in/") }))).rejects.toThrow(
      'Cannot apply tenant "acme": tenant "beta" has trigger "inbox", whose objects can fire its trigger "inbox" too',
    );
    await apply(acme("first", { triggers: trigger("in/acme/") }));
  });
});

/** The client, which fails for good after so many writes: what a crash between two steps looks like. */
const crashingAfter = (writes: number): DynamoDBClient => {
  let left = writes;
  return new Proxy(dynamoDb.client, {
    get(target, name) {
      if (name !== "send") return Reflect.get(target, name);
      return async (command: Parameters<DynamoDBClient["send"]>[0]) => {
        if (/^(Put|Update|Delete)/.test(command.constructor.name) && left-- <= 0) throw new Error("crash");
        return await target.send(command);
      };
    },
  });
};

describe("applyTenants() after any crash and in any order", () => {
  const source = fc.constantFrom("s.one", "s.two", "s.three", "s.four");
  /** Two states of three tenants, in which nobody shares a source. */
  const states = fc.array(fc.tuple(source, fc.constantFrom("aa", "bb", "cc")), { maxLength: 4 }).map((pairs) =>
    ["aa", "bb", "cc"].map((tenantId) => {
      const owners = new Map(pairs);
      const eventSources = [...owners].filter(([, owner]) => owner === tenantId).map(([name]) => name);
      return tenantSetup({ tenantId, eventSources });
    }),
  );

  test("makes the same table of the same files, and the next plan is empty", { timeout: 120_000 }, async () => {
    const property = fc.asyncProperty(
      fc.array(states, { minLength: 1, maxLength: 3 }),
      fc.nat({ max: 12 }),
      fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
      async (steps, writes, order) => {
        const [last = [], ...before] = steps.toReversed();
        const open = async (): Promise<void> => {
          table = await dynamoDb.newTable();
          for (const step of before.toReversed()) await apply(...step);
        };
        await open();
        await apply(...last);
        const wanted = await allItems();

        await open();
        const shuffled = order.flatMap((at) => last[at] ?? []);
        await applyTenants(crashingAfter(writes), table, shuffled, edit).catch((error: unknown) => {
          if (!String(error).includes("crash")) throw error;
        });
        await apply(...last);
        expect(await allItems()).toEqual(wanted);
        const { stored } = await tenantsToApply(dynamoDb.client, table, last);
        const planned = last.map((setup, at) => tenantChange(setup.tenant.tenantId, stored[at]?.before?.setup, setup));
        expect(planned.map(({ change }) => change)).toEqual(["unchanged", "unchanged", "unchanged"]);
        const again = await apply(...last);
        expect(again.map(({ verdict }) => verdict)).toEqual(["unchanged", "unchanged", "unchanged"]);
        expect(await allItems()).toEqual(wanted);
      },
    );
    await fc.assert(property, { numRuns: 20 });
  });
});
