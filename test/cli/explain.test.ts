import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { countRequests, startDynamoDb, type TestDynamoDb } from "#test/helpers/dynamodb.ts";
import { type Ran, runOn, runWith } from "./terminal.ts";

/** The example tenants. */
const root = new URL("../..", import.meta.url).pathname;

const fileOf = async (document: unknown): Promise<string> => {
  const file = join(await mkdtemp(join(tmpdir(), "sluice-explain-")), "job.json");
  await writeFile(file, typeof document === "string" ? document : JSON.stringify(document));
  return file;
};

const hello = { requestId: "k", jobDriver: { sparkSubmit: { entryPoint: "s3://acme-jobs/hello.py" } } };

describe("sluice explain, from the tenants' files", () => {
  const explain = async (document: unknown, ...args: readonly string[]): Promise<Ran> =>
    await runWith({}, "explain", "acme", await fileOf(document), "--dir", root, ...args);

  test("tells the input, each value's source and the policy with its size", async () => {
    const { code, out } = await explain(hello);
    const text = out.join("\n");
    expect(code).toBe(0);
    expect(out[0]).toMatch(/^acme: the job request is planned/);
    expect(text).toMatch(/execution policy "s3-prefix": \d+ of 2048 characters, \d+ left/);
    expect(text).toContain(
      "  longest values that fit, each beside the others as they are: tenant.id 39, lakeBucket 63, logBucket 63",
    );
    expect(text).toMatch(/executionRoleArn +tenant: "executionRoleArn" of the tenant's file/);
    expect(text).toMatch(/spark\.dynamicAllocation\.maxExecutors +enforced: the tenant enforces this Spark property/);
    expect(text).toContain('"entryPoint": "s3://acme-jobs/hello.py"');
  });

  test("tells what the execution policy was proved to stay in", async () => {
    const { out } = await explain(hello);
    const at = out.findIndex((line) => line.startsWith("proof: "));
    expect(out.slice(at, at + 4)).toEqual([
      expect.stringMatching(
        /^proof: proved, [\w-]{43}: policy template "s3-prefix" reaches no other tenant's territory$/,
      ),
      "  territory: arn:aws:s3:::acme-jobs/*",
      "  territory: arn:aws:s3:::sluice-lake/acme/*",
      "  territory: arn:aws:s3:::sluice-logs/acme/*",
    ]);
  });

  test("as JSON for programs", async () => {
    const { code, out } = await explain(hello, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out.join("\n"))).toMatchObject({ verdict: "planned", tenantId: "acme", input: { tags: {} } });
  });

  test("ends with 1 and every fault where it would be refused", async () => {
    const { code, out } = await explain({ ...hello, mode: 7, unknown: 1 });
    expect(code).toBe(1);
    expect(out.slice(0, 4)).toMatchObject([
      "acme: the job request would be refused",
      "ERR_JOB_REQUEST_INVALID: The job request is not valid",
      expect.stringContaining("  /mode must be "),
      expect.stringContaining("  /unknown is not a known field"),
    ]);
    expect((await explain("no JSON")).code).toBe(1);
  });

  test("prices what the job template estimates", async () => {
    const parameters = { input: "s3://globex-inbox/incoming/a.csv", output: "s3://sluice-lake/globex/" };
    const file = await fileOf({ jobTemplate: "csv-to-parquet", parameters });
    const { out } = await runWith({}, "explain", "globex", file, "--dir", root);
    expect(out).toContain(
      "estimate: 0.4 vCPU, 1.6 GB of memory and 0 GB of storage hours: 0.030295 USD by the prices of 2026-11-22",
    );
  });

  test("says which tenant or file is not there", async () => {
    const { code, err } = await runWith({}, "explain", "nobody", await fileOf(hello), "--dir", root);
    expect({ code, err }).toMatchObject({
      code: 1,
      err: [expect.stringContaining("no file tenants/nobody.yaml"), expect.anything()],
    });
    const missing = await runWith({}, "explain", "acme", "/nowhere/job.json", "--dir", root);
    expect(missing).toMatchObject({
      code: 1,
      err: [
        '<file> must be a file that can be read (ENOENT): current value is "/nowhere/job.json"',
        'Cannot explain a job request of tenant "acme"',
      ],
    });
  });

  test("takes a tenant and a file, nothing less and nothing more", async () => {
    expect(await runWith({}, "explain", "acme")).toMatchObject({
      code: 2,
      err: ['Command "explain" must have <tenantId> <file>: current value is "acme"', expect.anything()],
    });
    expect((await runWith({}, "explain", "acme", "a", "b")).code).toBe(2);
  });
});

describe("sluice explain --table", () => {
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

  test("looks at the turns as they are now, and writes nothing", async () => {
    await sluice("tenants", "apply", "--dir", root);
    await sluice("pause", "acme", "--message", "moving house");
    const requests = countRequests(dynamoDb.client);
    const { code, out } = await sluice("explain", "acme", await fileOf(hello), "--table", table);
    expect(code).toBe(0);
    expect(out.slice(0, 5)).toEqual([
      "acme: the job request would wait: tenant-suspended",
      "slot: free, 0 of 25 taken",
      expect.stringMatching(/^rate: free, /),
      "line: free, 0 of 10000 wait",
      "starts: paused: moving house",
    ]);
    expect(requests.filter((name) => !["GetItem", "Query", "BatchGetItem"].includes(name))).toEqual([]);
  });

  test("says that the table does not have the tenant", async () => {
    const { code, err } = await sluice("explain", "acme", await fileOf(hello), "--table", table);
    expect({ code, first: err[0] }).toEqual({ code: 1, first: `table "${table}" does not have it` });
  });
});
