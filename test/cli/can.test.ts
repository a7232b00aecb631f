import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { run } from "#cli/run.ts";
import type { Terminal } from "#cli/terminal.ts";
import { setupDirectory } from "#test/adapters/files/setup-directory.ts";

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

/** A folder whose tenant acme may read its prefix, but for what the test's own statements deny. */
const withDenies = async (...denies: readonly object[]): Promise<readonly string[]> => {
  const allow = {
    Effect: "Allow",
    Action: "s3:GetObject",
    Resource: "arn:aws:s3:::{{variables.bucket}}/{{tenant.id}}/*",
  };
  const template = {
    name: "s3-prefix",
    variables: { bucket: { type: "bucket" } },
    document: {
      Version: "2012-10-17",
      Statement: [allow, ...denies.map((deny) => ({ Effect: "Deny", Resource: "*", ...deny }))],
    },
    territory: [allow.Resource],
  };
  return ["--dir", await setupDirectory({ "policies/s3-prefix.yaml": JSON.stringify(template) })];
};

test("can says of an allowed call which Deny would decide with condition keys that it does not tell", async () => {
  const notByAws = { Bool: { "aws:ViaAWSService": false } };
  const dir = await withDenies(
    { Sid: "Net", Action: "s3:*", Condition: { NotIpAddress: { "aws:SourceIp": "10.0.0.0/8" }, ...notByAws } },
    { Sid: "Other", Action: "s3:PutObject", Condition: notByAws },
  );
  const call = ["acme", "s3:GetObject", "arn:aws:s3:::lake/acme/x", ...dir];
  const allowed = 'allowed by statement "#1" of policy "s3-prefix", as far as the role allows it too';
  const unless = ', unless statement "Net" of policy "s3-prefix" (aws:ViaAWSService) denies it: give --context';
  expect((await ask(...call)).out).toEqual([`${call.slice(0, 3).join(" ")}: ${allowed}${unless}`]);
  const certain = await ask(...call, "--context", "AWS:viaAWSService=true");
  expect(certain).toMatchObject({ code: 0, out: [expect.stringMatching(/as far as the role allows it too$/)] });
  const denied = await ask(...call, "--context", "aws:ViaAWSService=false");
  expect(denied).toMatchObject({ code: 1, out: [expect.stringContaining('denied by statement "Net"')] });
});

test.each([
  ["GetObject", "foo"],
  ["s3:Get*", "s3://sluice-lake/acme/x"],
  ["*", "arn:aws:s3:::sluice-lake/acme/*"],
])("can refuses %s on %s, which are no call: nothing would ever allow it", async (action, arn) => {
  expect(await ask("acme", action, arn, "--context", "prefix", ...here)).toMatchObject({
    code: 2,
    out: [],
    err: expect.arrayContaining([
      `<action> must be one action such as s3:GetObject, without wildcards: current value is "${action}"`,
      `<arn> must be the ARN of one resource such as arn:aws:s3:::lake/acme/x, without wildcards: current value is "${arn}"`,
      'Option "--context" must be KEY=VALUE, such as s3:prefix=acme/: current value is "prefix"',
    ]),
  });
});

test("can takes * for an action that is asked of no resource, and for no other", async () => {
  expect((await ask("acme", "s3:ListAllMyBuckets", "*", ...here)).out).toEqual([expect.stringContaining("denied")]);
  expect(await ask("acme", "s3:GetObject", "*", ...here)).toMatchObject({
    code: 1,
    out: [],
    err: ['Cannot tell what tenant "acme" may do: s3:GetObject is asked of a resource: give its ARN for "*"'],
  });
});

test("can warns of an action and of condition keys that AWS does not have, as check does", async () => {
  const { out, err } = await ask(
    "acme",
    "s3:GetObjekt",
    "arn:aws:s3:::sluice-lake/acme/x",
    "--context",
    "s3:prefiks=a",
    ...here,
  );
  expect(err).toEqual([
    expect.stringMatching(
      /^warning: the call names no action that AWS had on .*, "s3:GetObjekt": did you mean "s3:GetObject"\?$/,
    ),
    expect.stringMatching(/^warning: the call names no condition key .*, "s3:prefiks": did you mean "s3:prefix"\?$/),
  ]);
  expect(out).toEqual([expect.stringContaining("denied")]);
});

test("can names no statement of another service", async () => {
  const { code, out } = await ask(
    "acme",
    "dynamodb:GetItem",
    "arn:aws:dynamodb:us-east-1:111122223333:table/x",
    ...here,
  );
  expect(code).toBe(1);
  expect(out[0]).toMatch(/: denied: nothing allows anything of the service "dynamodb"$/);
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
