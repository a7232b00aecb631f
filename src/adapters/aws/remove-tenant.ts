import { DeleteItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { conditionalWrite, ledgerCall } from "./ledger-call.ts";
import { asSeen, pointerKey, pointersIn, readTenant, storedTenant, tenantKey, versionIn } from "./tenant-items.ts";
import { keepVersion } from "./tenant-versions.ts";

export interface RemovedTenant {
  readonly tenantId: string;
  /** `conflict`: it was applied after it was seen, so it stays; the next run of apply makes its pointers whole. */
  readonly verdict: "removed" | "absent" | "conflict";
}

/**
 * Removes a tenant: its pointers first, because only its item knows of them all, so that the next run finds what a crash
 * left behind. From the first step on it is proved by fewer and fewer proofs, at the end by none. Its submissions and its versions
 * stay. With `seen` it goes in that version only.
 */
export const removeTenant = async (
  client: DynamoDBClient,
  table: string,
  tenantId: string,
  seen?: number,
): Promise<RemovedTenant> => {
  const task = `remove tenant "${tenantId}"`;
  const stored = await readTenant(client, table, tenantId);
  if (stored === undefined) return { tenantId, verdict: "absent" };
  if (seen !== undefined && versionIn(stored) !== seen) return { tenantId, verdict: "conflict" };
  const { before } = storedTenant(tenantId, stored);
  if (before !== undefined) await keepVersion(client, table, before, { replacing: false });
  for (const proof of pointersIn(stored)) {
    const command = new DeleteItemCommand({ TableName: table, Key: pointerKey(proof, tenantId) });
    await ledgerCall(task, () => client.send(command));
  }
  const command = new DeleteItemCommand({ TableName: table, Key: tenantKey(tenantId), ...asSeen(stored) });
  const deleted = await conditionalWrite(task, () => client.send(command));
  return { tenantId, verdict: deleted === undefined ? "conflict" : "removed" };
};
