import { describe, expect, test } from "vitest";
import { can } from "#domain/proof/can.ts";
import { statementsOf } from "#domain/proof/statement.ts";

const lake = "arn:aws:s3:::lake";

const policy = {
  name: "case",
  statements:
    statementsOf({
      Version: "2012-10-17",
      Statement: [
        { Sid: "Code", Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::acme-jobs/*" },
        { Sid: "Data", Effect: "Allow", Action: ["s3:GetObject", "s3:DeleteObject"], Resource: `${lake}/acme/*` },
        {
          Sid: "List",
          Effect: "Allow",
          Action: "s3:ListBucket",
          Resource: lake,
          Condition: { StringLike: { "s3:prefix": "acme/*" }, Bool: { "aws:SecureTransport": true } },
        },
        { Sid: "Logs", Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::logs/acme/*" },
        { Sid: "Groups", Effect: "Allow", Action: "logs:DescribeLogGroups", Resource: "*" },
        { Sid: "But", Effect: "Allow", NotAction: "dynamodb:*", NotResource: ["arn:aws:s3:::*", "arn:aws:glue:*:*:*"] },
      ],
    }) ?? [],
};

const nearest = (action: string, resource: string, context: Readonly<Record<string, string>> = {}) => {
  const found = can([policy], { action, resource, context }).nearest;
  return found === undefined ? undefined : { statement: found.statement.label, misses: found.misses };
};

describe("can() names the Allow that the call misses by the least, and what that has instead", () => {
  test("the one on the same bucket before the one on another", () => {
    expect(nearest("s3:GetObject", `${lake}/acme2/x`)).toEqual({
      statement: "Data",
      misses: [{ part: "resource", element: "Resource", values: [`${lake}/acme/*`] }],
    });
  });

  test("the one with another action on this very object before the one with this action elsewhere", () => {
    expect(nearest("s3:PutObject", `${lake}/acme/x`)).toEqual({
      statement: "Data",
      misses: [{ part: "action", element: "Action", values: ["s3:GetObject", "s3:DeleteObject"] }],
    });
  });

  test("the one whose condition alone fails, by each key that does", () => {
    expect(nearest("s3:ListBucket", lake, { "s3:prefix": "acme2/" })).toEqual({
      statement: "List",
      misses: [
        { part: "condition", element: "StringLike s3:prefix", key: "s3:prefix", values: ["acme/*"] },
        { part: "condition", element: "Bool aws:SecureTransport", key: "aws:SecureTransport", values: ["true"] },
      ],
    });
    const secure = { "s3:prefix": "acme2/", "aws:SecureTransport": "true" };
    expect(nearest("s3:ListBucket", lake, secure)?.misses).toHaveLength(1);
  });

  test("the one on the bucket, where an action on buckets is asked of an object", () => {
    const context = { "s3:prefix": "acme/", "aws:SecureTransport": "true" };
    expect(nearest("s3:ListBucket", `${lake}/acme/`, context)).toEqual({
      statement: "List",
      misses: [{ part: "resource", element: "Resource", values: [lake] }],
    });
  });

  test("none of another bucket whose name begins the same", () => {
    expect(nearest("s3:GetObject", "arn:aws:s3:::lake2/acme/x")?.statement).toBe("Data");
    expect(nearest("s3:PutObject", "arn:aws:s3:::lake2/acme/x")?.statement).toBe("Logs");
  });

  test("one that leaves the resource or the action out", () => {
    expect(nearest("glue:GetTable", "arn:aws:glue:us-east-1:111122223333:table/acme/x")).toEqual({
      statement: "But",
      misses: [{ part: "resource", element: "NotResource", values: ["arn:aws:s3:::*", "arn:aws:glue:*:*:*"] }],
    });
    expect(nearest("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:111122223333:table/acme")).toEqual({
      statement: "But",
      misses: [{ part: "action", element: "NotAction", values: ["dynamodb:*"] }],
    });
  });

  test("none of another service, although it is on everything", () => {
    expect(nearest("s3:GetObjectTagging", "arn:aws:s3:::other/x")?.statement).not.toBe("Groups");
    const own = { name: "own", statements: policy.statements.filter(({ notAction }) => notAction === undefined) };
    const request = {
      action: "dynamodb:GetItem",
      resource: "arn:aws:dynamodb:us-east-1:111122223333:table/x",
      context: {},
    };
    expect(can([own], request)).toEqual({ verdict: "implicit-deny" });
  });
});
