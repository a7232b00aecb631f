import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { run } from "#cli/run.ts";
import type { Terminal } from "#cli/terminal.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

const never = (): never => {
  throw new Error("the table was asked");
};

const ask = async (...args: readonly string[]) => {
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    defaultTable: undefined,
    by: "a test",
    now: never,
    ledger: never,
    asker: undefined,
    explaining: never,
    redrive: never,
  };
  const code = await run(["can", ...args], terminal);
  return { code, out, err };
};

const here = ["--dir", root];

test("can says which statement allows a call", async () => {
  expect(await ask("acme", "s3:GetObject", "arn:aws:s3:::sluice-lake/acme/x", ...here)).toEqual({
    code: 0,
    out: [
      'acme s3:GetObject arn:aws:s3:::sluice-lake/acme/x: allowed by statement "Data" of policy "s3-prefix", as far as the role allows it too',
    ],
    err: [],
  });
});

test("can says which statement was nearest, and by what it failed", async () => {
  const { code, out } = await ask("acme", "s3:GetObject", "arn:aws:s3:::sluice-lake/globex/x", ...here);
  expect(code).toBe(1);
  expect(out[0]).toContain(
    'denied: nothing allows it; nearest is statement "Data" of policy "s3-prefix", but its Resource is "arn:aws:s3:::sluice-lake/acme/*"',
  );
});

test("can takes the condition keys of the call, and says what the call has of one that fails", async () => {
  const list = ["acme", "s3:ListBucket", "arn:aws:s3:::sluice-lake"];
  const nearest =
    'nearest is statement "List" of policy "s3-prefix", but its Condition StringLike s3:prefix is "acme/" or "acme/*", and the call has';
  expect((await ask(...list, "--context", "s3:prefix=acme/", ...here)).code).toBe(0);
  const without = await ask(...list, ...here);
  expect(without).toMatchObject({ code: 1, out: [expect.stringContaining(`${nearest} none`)] });
  const other = await ask(...list, "--context", "S3:Prefix=globex/", ...here);
  expect(other).toMatchObject({ code: 1, out: [expect.stringContaining(`${nearest} "globex/"`)] });
});

test("can says what is wrong with a question", async () => {
  expect(await ask("acne", "s3:GetObject", "arn:aws:s3:::x/y", ...here)).toMatchObject({
    code: 1,
    err: ['Cannot tell what tenant "acne" may do: known tenants are acme, globex, initech'],
  });
  const { code, err } = await ask("acme", "s3:GetObject", "--context", "prefix");
  expect(code).toBe(2);
  expect(err[0]).toBe('Command "can" must have <tenantId> <action> <arn>: current value is "acme s3:GetObject"');
});
