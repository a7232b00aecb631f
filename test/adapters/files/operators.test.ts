import { expect, test } from "vitest";
import { fileFaultLine } from "#adapters/files/file-fault.ts";
import { readTenantFiles } from "#adapters/files/tenant-files.ts";
import { changed, setupDirectory } from "./setup-directory.ts";

/** The faults of the sound template with a condition of this operator. */
const faultsOf = async (operator: string): Promise<string[]> => {
  const condition = `    Condition:\n      "${operator}":\n        aws:SourceVpc: vpc-1\n`;
  const files = changed("policies/s3-prefix.yaml", "territory:", `${condition}territory:`);
  const read = await readTenantFiles(await setupDirectory(files));
  return read.verdict === "read" ? [] : read.faults.map(fileFaultLine);
};

test.each([
  ["StringLikee", "StringLike"],
  ["stringlike", "StringLike"],
  ["StringLikeIfExist", "StringLikeIfExists"],
  ["ForAllValue:StringEquals", "ForAllValues:StringEquals"],
  ["NullIfExists", "Null"],
  ["Nope", "StringLike"],
])("The condition operator %s is a fault at its line, and %s may be meant", async (operator, meant) => {
  expect(await faultsOf(operator)).toEqual([
    `policies/s3-prefix.yaml:11:7 /document/Statement/Condition/${operator} must be a condition operator of IAM, such as "${meant}": current value is "${operator}"`,
  ]);
});

test.each([
  "StringLike",
  "ArnNotEqualsIfExists",
  "ForAnyValue:StringLike",
  "ForAllValues:StringNotEqualsIfExists",
  "Null",
])("%s is a condition operator", async (operator) => {
  expect(await faultsOf(operator)).toEqual([]);
});
