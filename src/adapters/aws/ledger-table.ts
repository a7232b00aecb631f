import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";

/** Finds a submission by its job run. An item is in it from the moment that it has a job run id. */
export const byJobRunIndex = "byJobRun";

/**
 * The one table, for submissions and tenants. The index holds keys only: it is written once a submission, however often
 * the submission changes, and who finds something in it reads the item itself, consistently.
 */
export const ledgerTable = (table: string) =>
  ({
    TableName: table,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "S" },
      { AttributeName: "jobRunId", AttributeType: "S" },
      { AttributeName: "applicationId", AttributeType: "S" },
    ],
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: byJobRunIndex,
        KeySchema: [
          { AttributeName: "jobRunId", KeyType: "HASH" },
          { AttributeName: "applicationId", KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "KEYS_ONLY" },
      },
    ],
  }) satisfies CreateTableCommandInput;
