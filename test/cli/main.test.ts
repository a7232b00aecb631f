import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { dynamodbStarts } from "#adapters/aws/dynamodb-starts.ts";
import { dynamodbTenants } from "#adapters/aws/dynamodb-tenants.ts";
import { startDynamoDb } from "#test/helpers/dynamodb.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs the command as a process of its own, with nothing in its environment but what is given. */
const runProcess = async (args: readonly string[], env: Record<string, string>) =>
  await new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const child = execFile(process.execPath, [join(root, "src/cli/main.ts"), ...args], { env }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });

test("The command stores the example tenants, pauses, resumes and removes them, and finds them unchanged the second time", async () => {
  const dynamodb = await startDynamoDb();
  const table = await dynamodb.newTable();
  const env = {
    AWS_ENDPOINT_URL: dynamodb.endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    SLUICE_TABLE: table,
  };
  try {
    const args = ["tenants", "apply", "--dir", root];
    const applied = await runProcess(args, { ...env, USER: "ada" });
    expect(applied).toMatchObject({ code: 0, err: "" });
    expect(applied.out).toContain(
      "acme: created, version 1\nglobex: created, version 1\ninitech: created, version 1\n",
    );
    expect(await runProcess(args, env)).toEqual({
      code: 0,
      out: `Plan: 0 to create, 0 to update, 0 to delete, 3 unchanged\n3 tenants in table "${table}" as in the files\n`,
      err: "",
    });
    expect((await runProcess(["tenants", "history", "acme"], env)).out).toMatch(/^version 1: 20.*Z, ada, apply$/m);
    const [proved] = await dynamodbTenants(dynamodb.client, table, { now: () => 0 }).provedBy(
      "caller#jwt:client_id=globex-portal",
    );
    expect(proved?.tenant.tenantId).toBe("globex");
    const starts = dynamodbStarts(dynamodb.client, table, { now: () => "2026-11-22T12:00:00.000Z" });
    const paused = await runProcess(["pause", "globex", "--message", "Too many jobs"], env);
    expect(paused).toEqual({ code: 0, out: `globex: paused in table "${table}": Too many jobs\n`, err: "" });
    expect(await starts.line("globex")).toMatchObject({ suspended: "Too many jobs" });
    await runProcess(["pause", "--message", "We move house"], env);
    expect(await starts.takeTokens("StartJobRun", 1, "door")).toMatchObject({ taken: 0, suspended: "We move house" });
    await runProcess(["resume"], env);
    expect(await starts.takeTokens("StartJobRun", 1, "door")).toMatchObject({ taken: 1 });
    expect(await starts.line("globex")).toMatchObject({ suspended: "Too many jobs" });
    await runProcess(["resume", "globex"], env);
    expect((await starts.line("globex")).suspended).toBeUndefined();
    expect(await runProcess(["pause", "globx", "--message", "x"], env)).toEqual({
      code: 1,
      out: "",
      err: `Cannot pause tenant "globx": table "${table}" does not have it\n`,
    });
    expect(await runProcess(["tenants", "remove", "globex"], env)).toEqual({
      code: 0,
      out: `globex: removed from table "${table}"\n`,
      err: "",
    });
  } finally {
    await dynamodb.end();
  }
});

test("The command ends with code 2 where its command line is wrong", async () => {
  const { code, err } = await runProcess(["tenants", "aply"], {});
  expect(code).toBe(2);
  expect(err).toContain('Unknown command "tenants aply"');
});
