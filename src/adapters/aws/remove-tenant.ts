import { DeleteItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { conditionalWrite, ledgerCall } from "./ledger-call.ts";
import { asSeen, pointerKey, pointersIn, readTenant, tenantKey } from "./tenant-items.ts";

export interface RemovedTenant {
  readonly tenantId: string;
  readonly verdict: "removed" | "absent";
}

/**
 * Removes a tenant: its pointers first, because only its item knows of them all, so that the next run finds what a crash
 * left behind. From the first step on it is proved by fewer and fewer proofs, at the end by none. Its submissions stay.
 */
export const removeTenant = async (client: DynamoDBClient, table: string, tenantId: string): Promise<RemovedTenant> => {
  const task = `remove tenant "${tenantId}"`;
  const stored = await readTenant(client, table, tenantId);
  if (stored === undefined) return { tenantId, verdict: "absent" };
  for (const proof of pointersIn(stored)) {
    const command = new DeleteItemCommand({ TableName: table, Key: pointerKey(proof, tenantId) });
    await ledgerCall(task, () => client.send(command));
  }
  const command = new DeleteItemCommand({ TableName: table, Key: tenantKey(tenantId), ...asSeen(stored) });
  if ((await conditionalWrite(task, () => client.send(command))) === undefined) {
    throw new Error(`Cannot ${task}: it was applied in the meantime: run the command again if it shall still go`);
  }
  return { tenantId, verdict: "removed" };
};
