import { describe, expect, it } from "vitest";
import { byJobRunIndex, ledgerTable } from "#adapters/aws/ledger-table.ts";
import { submissionItem } from "#adapters/aws/submission-item.ts";
import { startingSubmission } from "#test/helpers/submission.ts";
import { ofType, statementFor } from "./deployed.ts";
import { fieldsOf } from "./serverless-file.ts";

describe("the table", () => {
  const [[, table] = ["", {}]] = ofType("AWS::DynamoDB::Table");
  const properties = fieldsOf(table["Properties"]);

  it("has the keys and the indexes that the adapters use", () => {
    expect(properties).toMatchObject(ledgerTable("sluice"));
    expect(properties["GlobalSecondaryIndexes"]).toEqual(ledgerTable("sluice").GlobalSecondaryIndexes);
    const query = statementFor("job-run-changed", "dynamodb:Query");
    expect(query["Resource"]).toEqual({ "Fn::Sub": `\${LedgerTable.Arn}/index/${byJobRunIndex}` });
  });

  it("forgets by itself what nothing is left to do for", () => {
    expect(properties["TimeToLiveSpecification"]).toEqual({ AttributeName: "expiresAt", Enabled: true });
    const stored = submissionItem({ ...startingSubmission(), expiresAt: 1_800_000_000 });
    expect(stored["expiresAt"]).toEqual({ N: "1800000000" });
  });

  it("outlives mistakes", () => {
    expect(table).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
    expect(properties).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
    });
  });
});
