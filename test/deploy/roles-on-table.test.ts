import { describe, expect, it } from "vitest";
import { leadKey } from "#adapters/aws/dynamodb-lead.ts";
import { byActiveIndex, byDueIndex, byJobRunIndex, byTurnIndex, byWaitingIndex } from "#adapters/aws/ledger-table.ts";
import { lineKey } from "#adapters/aws/line-item.ts";
import { rateKey } from "#adapters/aws/rate-item.ts";
import { submissionKey } from "#adapters/aws/submission-item.ts";
import { pointerKey } from "#adapters/aws/tenant-items.ts";
import { accountKey } from "#adapters/aws/usage-items.ts";
import { arnOf, doors, matches, statementsFor } from "./deployed.ts";
import { at, listOf } from "./serverless-file.ts";

describe("roles on the table", () => {
  /** The keys of items that a function may write with this action. */
  const writes = (name: string, action: string): string[] =>
    statementsFor(name, action).flatMap(({ Resource, Condition }) => {
      expect(Resource).toEqual(arnOf("LedgerTable"));
      const patterns = listOf(at(Condition, "ForAllValues:StringLike", "dynamodb:LeadingKeys")).map(String);
      expect(patterns.length).toBeGreaterThan(0);
      return patterns;
    });
  const keyOf = ({ pk }: Readonly<Record<string, { readonly S?: string | undefined }>>): string => pk?.S ?? "";
  const items = {
    submission: keyOf(submissionKey("01-abc")),
    line: keyOf(lineKey("acme")),
    rate: keyOf(rateKey("StartJobRun")),
    lead: keyOf(leadKey),
    usage: keyOf(accountKey("acme", "2026-11")),
    pointer: keyOf(pointerKey("source#acme.jobs", "acme")),
    tenant: "tenant#acme",
  };
  const mayWrite = (name: string, action: string): string[] =>
    Object.entries(items).flatMap(([item, key]) =>
      writes(name, action).some((pattern) => matches(pattern, key)) ? [item] : [],
    );

  it.each(doors)("let %s write submissions, slots and tokens, never tenants", (name) => {
    expect(mayWrite(name, "dynamodb:PutItem")).toEqual(["submission"]);
    expect(mayWrite(name, "dynamodb:UpdateItem")).toEqual(["submission", "line", "rate"]);
  });

  it.each([
    ["dispatch", ["submission", "line", "rate", "lead"]],
    ["job-run-changed", ["submission", "line", "rate", "usage"]],
    ["reconcile", ["submission", "line", "rate", "usage"]],
  ])("let %s change %s, and put nothing new", (name, changed) => {
    expect(mayWrite(name, "dynamodb:UpdateItem")).toEqual(changed);
    expect(mayWrite(name, "dynamodb:PutItem")).toEqual([]);
  });

  it.each(doors)("let %s look tenants up by their proofs", (name) => {
    const [onTable] = statementsFor(name, "dynamodb:Query");
    expect(onTable?.["Resource"]).toEqual(arnOf("LedgerTable"));
    const pattern = String(at(onTable?.["Condition"], "ForAllValues:StringLike", "dynamodb:LeadingKeys"));
    expect(matches(pattern, items.pointer)).toBe(true);
  });

  it.each(["http", "reconcile"])("let %s read what tenants used", (name) => {
    const patterns = statementsFor(name, "dynamodb:Query")
      .filter(({ Resource }) => JSON.stringify(Resource) === JSON.stringify(arnOf("LedgerTable")))
      .map(({ Condition }) => String(at(Condition, "ForAllValues:StringLike", "dynamodb:LeadingKeys")));
    expect(patterns.filter((pattern) => matches(pattern, items.usage))).toHaveLength(1);
  });

  it.each([
    ["http", [byTurnIndex, byWaitingIndex]],
    ["queue", []],
    ["events", []],
    ["dispatch", [byTurnIndex, byWaitingIndex]],
    ["job-run-changed", [byJobRunIndex]],
    ["reconcile", [byDueIndex, byActiveIndex, byTurnIndex, byWaitingIndex]],
  ])("let %s query the indexes %s", (name, indexes) => {
    const resources = statementsFor(name, "dynamodb:Query").flatMap(({ Resource }) => listOf(Resource));
    const named = resources.filter((resource) => at(resource, "Fn::Sub") !== undefined);
    expect(named).toEqual(indexes.map((index) => ({ "Fn::Sub": `\${LedgerTable.Arn}/index/${index}` })));
  });
});
