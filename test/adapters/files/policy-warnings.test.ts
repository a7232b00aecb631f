import { expect, test } from "vitest";
import { fileFaultLine } from "#adapters/files/file-fault.ts";
import { readPolicyWarnings } from "#adapters/files/policy-warnings.ts";
import { changed, setupDirectory, soundFiles } from "./setup-directory.ts";

const action = "    Action: s3:GetObject\n";

/** The warnings of the sound template with other lines in place of its action. */
const warnings = async (...lines: readonly string[]): Promise<string[]> => {
  const text = lines.map((line) => `    ${line}\n`).join("");
  const found = await readPolicyWarnings(await setupDirectory(changed("policies/s3-prefix.yaml", action, text)));
  return found.map((one) => fileFaultLine(one).replace(/on \d{4}-\d\d-\d\d/, "on that day"));
};

test("The shipped policy templates name only what AWS has", async () => {
  expect(await readPolicyWarnings(".")).toEqual([]);
});

test("A misspelt action is named at its line, with the one that was meant", async () => {
  expect(await warnings("Action: [s3:GetObject, s3:PutObjekt]")).toEqual([
    'policies/s3-prefix.yaml:8:28 /document/Statement/Action/1 names no action that AWS had on that day, "s3:PutObjekt": did you mean "s3:PutObject"?',
  ]);
});

test("An action of a service that does not exist is named", async () => {
  expect(await warnings("Action: gluee:GetTable")).toEqual([
    'policies/s3-prefix.yaml:8:13 /document/Statement/Action names no action that AWS had on that day, "gluee:GetTable": did you mean "glue:GetTable"?',
  ]);
  expect(await warnings("Action: zzzzzzzz:Do")).toEqual([
    'policies/s3-prefix.yaml:8:13 /document/Statement/Action names no action that AWS had on that day, "zzzzzzzz:Do": check its spelling',
  ]);
});

test("A wildcard that stands for no action is named", async () => {
  expect(await warnings("NotAction: s3:GetObjekt*")).toEqual([
    'policies/s3-prefix.yaml:8:16 /document/Statement/NotAction names no action that AWS had on that day, "s3:GetObjekt*": did you mean "s3:GetObject*"?',
  ]);
});

test.each(["*", "s3:*", "s3:Get*", "s3:getobject", "s3:?etObject"])("%s names actions", async (name) => {
  expect(await warnings(`Action: "${name}"`)).toEqual([]);
});

test("A misspelt condition key is named", async () => {
  expect(await warnings("Action: s3:ListBucket", "Condition:", "  StringLike:", '    s3:prefx: ["a/*"]')).toEqual([
    'policies/s3-prefix.yaml:11:9 /document/Statement/Condition/StringLike/s3:prefx names no condition key that AWS had on that day, "s3:prefx": did you mean "s3:prefix"?',
  ]);
});

test.each(["aws:SourceIp", "aws:ResourceTag/team", "s3:ExistingObjectTag/tenant", "S3:Prefix"])(
  "%s is a condition key",
  async (key) => {
    expect(await warnings("Action: s3:GetObject", "Condition:", "  StringLike:", `    ${key}: x`)).toEqual([]);
  },
);

test("What all tenants share is judged as well", async () => {
  const shared = 'shared: [{ actions: ["logs:DescribeLogGroup"], resources: ["*"] }]';
  const files = changed("policies/s3-prefix.yaml", "territory:", `${shared}\nterritory:`);
  const [warning] = await readPolicyWarnings(await setupDirectory(files));
  expect(warning).toMatchObject({ line: 10, pointer: "/shared/0/actions/0" });
  expect(warning?.message).toContain('did you mean "logs:DescribeLogGroups"?');
});

test("What a tenant acknowledges is judged as well, also where its file has other faults", async () => {
  const acknowledged =
    '  acknowledged: [{ action: "sts:AssumeRoles", reason: "A test." }, { action: "iam:Pass*", reason: "A test." }]';
  for (const own of [[], ["tags: 7"]]) {
    const text = [String(soundFiles["tenants/acme.yaml"]).replace("policy:\n", `policy:\n${acknowledged}\n`), ...own];
    const found = await readPolicyWarnings(await setupDirectory({ "tenants/acme.yaml": text.join("") }));
    expect(found).toEqual([
      expect.objectContaining({ file: "tenants/acme.yaml", line: 5, pointer: "/policy/acknowledged/0/action" }),
    ]);
    expect(found[0]?.message).toContain('did you mean "sts:AssumeRole"?');
  }
});

test("Managed policies are judged as well, as far as they have the form of ours", async () => {
  const managed = (document: object) =>
    JSON.stringify({ arn: "arn:aws:iam::111122223333:policy/read", document: { Version: "2012-10-17", ...document } });
  const statement = { Effect: "Allow", Action: ["s3:GetObjekt"], Resource: "*" };
  const found = await readPolicyWarnings(
    await setupDirectory({
      "policies/managed/read.json": managed({ Statement: [statement] }),
      "policies/managed/other.json": managed({ Statement: [{ ...statement, Principal: "*" }] }),
    }),
  );
  expect(found).toEqual([
    expect.objectContaining({ file: "policies/managed/read.json", pointer: "/document/Statement/0/Action/0" }),
  ]);
});
