import { expect, test } from "vitest";
import { statementsOf } from "#domain/proof/statement.ts";

const policy = (statement: object) => ({
  Version: "2012-10-17",
  Statement: { Effect: "Deny", Resource: "*", ...statement },
});

test.each(["*", "s3:*", "S3:GetObject", "s3:Get?bject", "*:*"])("reads the action %s", (action) => {
  expect(statementsOf(policy({ Action: action }))).toMatchObject([{ action: [action] }]);
});

// A Deny of such actions must not count as one that takes anything away.
test.each(["${aws:username}", "s3:{{x}}*", "s3:Get${*}", "s3:Gét*", " s3:GetObject", ""])(
  "knows no policy with the action %j",
  (action) => {
    expect(statementsOf(policy({ Action: action }))).toBeUndefined();
    expect(statementsOf(policy({ NotAction: ["s3:GetObject", action] }))).toBeUndefined();
  },
);

// A Deny of all but nothing would take everything away.
test.each([
  { Action: "*", NotResource: [] },
  { Action: "*", Resource: [] },
  { NotAction: [], Resource: "*" },
  { Action: [], Resource: "*" },
])("knows no policy with an empty list, %j", (statement) => {
  expect(statementsOf({ Version: "2012-10-17", Statement: { Effect: "Deny", ...statement } })).toBeUndefined();
});
