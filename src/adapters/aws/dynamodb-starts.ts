import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Starts } from "#domain/turns/starts.ts";
import { dynamodbLead } from "./dynamodb-lead.ts";
import { dynamodbLines } from "./dynamodb-lines.ts";
import { dynamodbTokens, type RateOptions } from "./dynamodb-tokens.ts";
import { ledgerItems } from "./ledger-items.ts";

/**
 * Slots, rate tokens and turns in DynamoDB: one item a tenant, one an API, and one for the lead. Each method is one
 * conditional update of one of them; where its condition does not hold, one consistent read says why.
 */
export const dynamodbStarts = (client: DynamoDBClient, table: string, options: RateOptions): Starts => {
  const items = ledgerItems(client, table);
  const { suspendTenant, ...lines } = dynamodbLines(items);
  const { suspendAll, ...tokens } = dynamodbTokens(items, options);
  return {
    ...lines,
    ...tokens,
    ...dynamodbLead(items, options.now),
    async suspend(tenantId, message) {
      if (tenantId === "*") await suspendAll(message);
      else await suspendTenant(tenantId, message);
    },
  };
};
