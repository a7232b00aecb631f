import { BatchWriteItemCommand, CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ledgerTable } from "#adapters/aws/ledger-table.ts";
import { type Item, pointerKey, tenantItem } from "#adapters/aws/tenant-items.ts";
import { proofsOf, type TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { createEmrServerless } from "#local/emr-serverless/emr-serverless.ts";
import { allowOnlyLoopback } from "#local/loopback.ts";
import { startAws } from "#local/start-aws.ts";
import { tenantCounts, tenantsOf } from "./tenants-setup.ts";

/** The embedded AWS in a process of its own, with a table for each number of tenants. It ends with the bench. */
allowOnlyLoopback();
const aws = await startAws({
  port: 0,
  emrServerless: createEmrServerless({ applications: [], emit: () => undefined }),
});
const credentials = { accessKeyId: "bench", secretAccessKey: "bench" };
const dynamodb = new DynamoDBClient({ endpoint: aws.url, region: aws.region, credentials });

/** Items that are written at once (Amazon DynamoDB API Reference, "BatchWriteItem"). */
const batchSize = 25;

/** A tenant as apply leaves it, but for its versions: no lookup reads them. */
const itemsOf = (setup: TenantSetup): Item[] => {
  const { tenantId } = setup.tenant;
  const proofs = proofsOf(setup.tenant);
  return [tenantItem({ version: 1, setup }, proofs), ...proofs.map((proof) => pointerKey(proof, tenantId))];
};

const fill = async (table: string, count: number): Promise<void> => {
  await dynamodb.send(new CreateTableCommand(ledgerTable(table)));
  const items = (await tenantsOf(count)).flatMap(itemsOf);
  for (let from = 0; from < items.length; from += batchSize) {
    const requests = items.slice(from, from + batchSize).map((Item) => ({ PutRequest: { Item } }));
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
  }
};

for (const [table, count] of Object.entries(tenantCounts)) await fill(table, count);

process.on("message", () => process.send?.({ url: aws.url }));
process.on("disconnect", () => process.exit(0));
