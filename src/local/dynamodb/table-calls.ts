import { setImmediate } from "node:timers/promises";
import type { AwsRequest, AwsResponse } from "#local/aws-service.ts";

/** One request to dynalite. */
export type Ask = (request: AwsRequest) => Promise<AwsResponse>;

/** AWS lists at most 100 a page, and nobody has more here. */
export const listTables = async (ask: Ask): Promise<string[]> =>
  (await call<{ TableNames: string[] }>(ask, "ListTables", {})).TableNames;

/** dynalite answers first and then makes, changes or deletes the table, without a wait but not at once. */
export async function tableSettled(ask: Ask, TableName: string): Promise<void> {
  for (;;) {
    const { status, body } = await ask(requestOf("DescribeTable", { TableName }));
    // Not found is what the end of a deletion looks like.
    if (status !== 200 || JSON.parse(String(body)).Table.TableStatus === "ACTIVE") return;
    await setImmediate();
  }
}

/** One call, which must succeed. */
export async function call<T>(ask: Ask, operation: string, input: object): Promise<T> {
  const { status, body } = await ask(requestOf(operation, input));
  if (status !== 200) throw new Error(`Cannot open the tables: ${operation} failed: ${String(body)}`);
  return JSON.parse(String(body));
}

const requestOf = (operation: string, input: object): AwsRequest => ({
  method: "POST",
  path: "/",
  query: new URLSearchParams(),
  headers: {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": `DynamoDB_20120810.${operation}`,
    "x-amz-date": "20260101T000000Z",
    authorization: "AWS4-HMAC-SHA256 Credential=sluice, SignedHeaders=none, Signature=none",
  },
  body: Buffer.from(JSON.stringify(input)),
  principal: "sluice",
  region: "us-east-1",
});
