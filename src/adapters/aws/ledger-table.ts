import type { CreateTableCommandInput, GlobalSecondaryIndex } from "@aws-sdk/client-dynamodb";

/** Finds a submission by its job run. An item is in it from the moment that it has a job run id. */
export const byJobRunIndex = "byJobRun";

/** The waiting submissions of a tenant in the order of their turns: an item is in it as long as it waits. */
export const byTurnIndex = "byTurn";

/** Submissions that somebody must look after, by when: an item is in it as long as it is starting. */
export const byDueIndex = "byDue";

/** Tenants of whom somebody waits, and tenants with active submissions: an item is in it as long as that is so. */
export const byWaitingIndex = "byWaiting";
export const byActiveIndex = "byActive";

/** The tenants: an item is in it as long as it is a tenant's. */
export const byKindIndex = "byKind";

const text = (name: string) => ({ AttributeName: name, AttributeType: "S" }) as const;

/** An index holds keys only: it is written when a key changes, however often the item does. */
const keysOnly = (index: string, hash: string, range: string): GlobalSecondaryIndex => ({
  IndexName: index,
  KeySchema: [
    { AttributeName: hash, KeyType: "HASH" },
    { AttributeName: range, KeyType: "RANGE" },
  ],
  Projection: { ProjectionType: "KEYS_ONLY" },
});

/**
 * The one table: tenants, submissions, lines, rates and the lead. All indexes are sparse, and who finds something in one
 * reads the item itself, consistently.
 */
export const ledgerTable = (table: string) =>
  ({
    TableName: table,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [
      text("pk"),
      text("sk"),
      text("jobRunId"),
      text("applicationId"),
      text("turnTenant"),
      text("turnKey"),
      text("dueShard"),
      text("dueAt"),
      text("waitingAs"),
      text("activeAs"),
      text("kind"),
    ],
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    GlobalSecondaryIndexes: [
      keysOnly(byJobRunIndex, "jobRunId", "applicationId"),
      keysOnly(byTurnIndex, "turnTenant", "turnKey"),
      keysOnly(byDueIndex, "dueShard", "dueAt"),
      keysOnly(byWaitingIndex, "waitingAs", "pk"),
      keysOnly(byActiveIndex, "activeAs", "pk"),
      keysOnly(byKindIndex, "kind", "pk"),
    ],
  }) satisfies CreateTableCommandInput;
