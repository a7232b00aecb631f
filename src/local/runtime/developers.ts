import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { readTenant } from "#adapters/aws/tenant-items.ts";
import { servedTenant } from "#adapters/aws/tenant-versions.ts";
import { tenantSchema } from "#domain/tenant/tenant.ts";

/** What the local doors let a tenant's developer in as. */
export interface Developers {
  /** The authorizer's part of a request's context, as API Gateway has it after checking the caller. */
  authorizer(tenantId: string): Promise<object>;
  /** The SenderId of a message whose access key id is a tenant's id, or that of another principal. */
  senderId(accessKeyId: string): Promise<string>;
}

const after = (text: string, mark: string): string => text.slice(text.indexOf(mark) + 1);

/** A caller of a tenant's file as an authorizer of its kind tells it; nothing where it is no caller of HTTP. */
const authorizerOf = (caller: string): object | undefined => {
  const [kind] = caller.split(":", 1);
  const value = after(caller, ":");
  const named = { [value.slice(0, value.indexOf("="))]: after(value, "=") };
  if (kind === "iam") return { iam: { userArn: value } };
  if (kind === "jwt") return { jwt: { claims: named } };
  return kind === "lambda" ? { lambda: named } : undefined;
};

/**
 * A tenant's developer is one of the callers that the tenant of the table lists, so that what `npm start` runs with is what
 * the files say, and a file that is applied locks nobody out. Where it lists none, the door says which caller is wanted.
 */
export const tenantDevelopers = (client: DynamoDBClient, table: string): Developers => {
  const callersOf = async (tenantId: string): Promise<readonly string[]> => {
    if (!tenantSchema.shape.tenantId.safeParse(tenantId).success) return [];
    const item = await readTenant(client, table, tenantId);
    const served = item && (await servedTenant(client, table, item));
    return served?.before?.setup.tenant.callers ?? [];
  };
  return {
    async authorizer(tenantId) {
      const [first] = (await callersOf(tenantId)).flatMap((caller) => authorizerOf(caller) ?? []);
      return first ?? { lambda: { principalId: `dev:${tenantId}` } };
    },
    async senderId(accessKeyId) {
      const sender = (await callersOf(accessKeyId)).find((caller) => caller.startsWith("sender:"));
      return sender === undefined ? accessKeyId : after(sender, ":");
    },
  };
};
