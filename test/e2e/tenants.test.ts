import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operatorLedger } from "#cli/operator-ledger.ts";
import { type Ran, runWith } from "#test/cli/terminal.ts";
import { endOf, startWorld, type World } from "./local-world.ts";

let world: World;
let client: DynamoDBClient;
let dir: string;

beforeAll(async () => {
  world = await startWorld({ visibilitySeconds: 1 });
  const credentials = { accessKeyId: "me", secretAccessKey: "local" };
  client = new DynamoDBClient({ endpoint: world.local.awsUrl, region: world.local.aws.region, credentials });
  dir = await mkdtemp(join(tmpdir(), "sluice-tenants-"));
  for (const folder of ["tenants", "policies", "templates"]) await cp(folder, join(dir, folder), { recursive: true });
});
afterAll(async () => {
  client.destroy();
  await rm(dir, { recursive: true });
  await world.local.end();
});

const sluice = async (...args: readonly string[]): Promise<Ran> => {
  const ledger = (table: string) => operatorLedger(client, table, () => new Date().toISOString());
  return await runWith({ defaultTable: "sluice", ledger }, ...args, "--dir", dir);
};

const edit = async (file: string, from: string, to: string): Promise<void> => {
  const path = join(dir, file);
  const text = await readFile(path, "utf8");
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, to));
};

const hello = { name: "hello", jobDriver: { sparkSubmit: { entryPoint: "s3://acme-jobs/hello.py" } } };

/** A job by HTTP and one by message, each from acme's developer; whether both ended, and acme's own queue was told. */
const bothDoors = async (): Promise<void> => {
  const { status, body } = await world.request("POST", "/v1/submissions", "acme", hello);
  expect([status, body["detail"]]).toEqual([201, undefined]);
  const QueueUrl = world.queueUrl("sluice-submissions");
  const message = new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(hello) });
  const { MessageId: messageId } = await world.as("acme").sqs.send(message);
  const ids = [String(body["submissionId"]), String(messageId)];
  for (const id of ids) await world.published(endOf(id));
  const told: string[] = [];
  for (let tries = 0; tries < 10 && !ids.every((id) => told.join().includes(id)); tries += 1) {
    told.push(...(await world.receive("acme-completions")));
  }
  for (const id of ids) expect(told.join()).toContain(id);
};

describe("the table that npm start makes", () => {
  it("is what the files say, and says who made it", async () => {
    const { out } = await sluice("tenants", "plan", "--detailed-exitcode");
    expect(out.at(-1)).toBe("Plan: 0 to create, 0 to update, 0 to delete, 3 unchanged");
    const history = await runWith(
      { ledger: (table) => operatorLedger(client, table, () => "") },
      ...["tenants", "history", "acme", "--table", "sluice"],
    );
    expect(history.out).toEqual([
      expect.stringMatching(/^version 1: \d{4}-.*Z, npm start, apply$/),
      expect.stringMatching(/^ {4}proof: \S+$/),
    ]);
  });

  it("lets a tenant's developer in by its own callers, before and after a file was applied", async () => {
    await bothDoors();
    await edit("tenants/acme.yaml", "maxMinutes: 720", "maxMinutes: 700");
    const { code, out, err } = await sluice("tenants", "apply");
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(out).toEqual([
      "~ acme (version 1)",
      "    ~ executionTimeout.maxMinutes: 720 → 700",
      "Plan: 0 to create, 1 to update, 0 to delete, 2 unchanged",
      "acme: changed, version 2",
      '3 tenants in table "sluice" as in the files',
    ]);
    await bothDoors();
  });

  it("lets the developer in by a caller that was applied just now", async () => {
    await edit("tenants/acme.yaml", "iam:arn:aws:iam::111122223333:role/acme-pipelines", "jwt:sub=acme-portal");
    expect((await sluice("tenants", "apply")).code).toBe(0);
    await bothDoors();
  });

  it("says what to add to the file of a tenant that nobody can call by HTTP", async () => {
    await edit("tenants/globex.yaml", "  - jwt:client_id=globex-portal\n", "");
    expect((await sluice("tenants", "apply")).code).toBe(0);
    const { status, body } = await world.request("GET", "/v1/usage", "globex");
    expect([status, body["detail"]]).toEqual([
      403,
      "Cannot tell the tenant: no tenant lists lambda:principalId=dev:globex: add it to the tenant's file",
    ]);
  });
});
