import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { applyTenants } from "#adapters/aws/apply-tenants.ts";
import { dynamodbTenants } from "#adapters/aws/dynamodb-tenants.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { type Files, setupDirectory, soundFiles } from "#test/adapters/files/setup-directory.ts";
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

const onFiles = async (files: Files, ...args: readonly string[]): Promise<Ran> =>
  await sluice(...args, "--dir", await setupDirectory(files));

/** A template whose data is a bucket of the tenant's own, held to be no other's. */
const ownBucket = `name: own-bucket
variables:
  bucket: { type: bucket, unique: true }
document:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: s3:GetObject
    Resource: "arn:aws:s3:::{{variables.bucket}}/*"
territory: ["arn:aws:s3:::{{variables.bucket}}/*"]
`;

const withBucket = (tenantId: string, bucket: string): Files => ({
  "tenants/acme.yaml": undefined,
  "policies/s3-prefix.yaml": undefined,
  "policies/own-bucket.yaml": ownBucket,
  [`tenants/${tenantId}.yaml`]: String(soundFiles["tenants/acme.yaml"])
    .replace("acme\n", `${tenantId}\n`)
    .replace("s3-prefix", "own-bucket")
    .replace("lake", bucket),
});

const currentSetup = async (tenantId: string): Promise<TenantSetup> => {
  const setup = await dynamodbTenants(dynamoDb.client, table, { now: () => 0 }).byId(tenantId);
  if (setup === undefined) throw new Error(`tenant ${tenantId} is not in the table`);
  return setup;
};

const tenantIds = async (): Promise<string[]> => {
  const { out } = await onFiles(withBucket("beta", "free"), "tenants", "plan", "--json");
  return JSON.parse(out.join("\n")).strays;
};

test("A new tenant cannot take the bucket of a tenant that has no file any more: plan and apply refuse and name both", async () => {
  await onFiles(withBucket("acme", "lake"), "tenants", "apply");
  const fault =
    'tenant beta: /policy/variables/bucket variable "bucket" of tenant "beta" must be no other tenant\'s: "lake" is also variables.bucket of tenant "acme"';
  for (const name of ["plan", "apply"]) {
    for (const flags of [[], ["--delete"]]) {
      const { code, err } = await onFiles(withBucket("beta", "lake"), "tenants", name, ...flags);
      expect(code).toBe(1);
      expect(err).toContain(fault);
      expect(err.at(-1)).toMatch(
        new RegExp(`^Cannot ${name} the tenants: \\d+ faults beside those without a file: acme$`),
      );
    }
  }
  expect(await tenantIds()).toEqual(["acme"]);
});

test("It may have it once that tenant is removed, and another bucket at any time", async () => {
  await onFiles(withBucket("acme", "lake"), "tenants", "apply");
  expect((await onFiles(withBucket("gamma", "own"), "tenants", "apply")).code).toBe(0);
  await sluice("tenants", "remove", "acme");
  expect((await onFiles(withBucket("beta", "lake"), "tenants", "apply")).code).toBe(0);
});

test("A new tenant cannot take a prefix in which the data of one without a file is", async () => {
  await onFiles({}, "tenants", "apply");
  const { code, err } = await onFiles(withBucket("beta", "lake"), "tenants", "apply");
  expect(code).toBe(1);
  expect(err.join("\n")).toMatch(
    /tenant "beta" may s3:GetObject arn:aws:s3:::lake\/acme\/\S* of tenant "acme" \(statement "#1" of policy "own-bucket"\)/,
  );
});

test("One whose values its template does not take cannot be judged either", async () => {
  await onFiles(withBucket("acme", "lake"), "tenants", "apply");
  const setup = await currentSetup("acme");
  const tenant = { ...setup.tenant, policy: { ...setup.tenant.policy, variables: { bucket: "LAKE" } } };
  await applyTenants(dynamoDb.client, table, [{ ...setup, tenant }]);
  const { code, err } = await onFiles(withBucket("beta", "lake"), "tenants", "apply");
  expect(code).toBe(1);
  expect(err[0]).toMatch(/^tenant acme: cannot be judged by the rules of today/);
});

test("A tenant without a file that nobody can read is nobody's neighbour for certain: it goes first", async () => {
  const Item = {
    pk: { S: "tenant#acme" },
    sk: { S: "tenant" },
    kind: { S: "tenant" },
    format: { N: "99" },
    setup: { S: "{}" },
  };
  await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item }));
  const beta = withBucket("beta", "lake");
  expect(await onFiles(beta, "tenants", "apply")).toMatchObject({
    code: 1,
    err: [
      'tenant acme: cannot be judged by the rules of today, so nothing stays apart from it for certain: give it a file, or remove it with "sluice tenants remove acme"',
      "Cannot apply the tenants: 1 fault beside those without a file: acme",
    ],
  });
  await sluice("tenants", "remove", "acme");
  expect((await onFiles(beta, "tenants", "apply")).code).toBe(0);
});
