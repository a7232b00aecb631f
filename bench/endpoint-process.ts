import { readFileSync, writeSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * The AWS of the bench: canned answers from memory, in a process of its own, so that only the CPU time of the function
 * is measured. It records requests, so that the same calls can be made again without the function.
 */
type Json = Readonly<Record<string, unknown>>;
type Item = Record<string, { readonly S?: string; readonly SS?: readonly string[] }>;

interface Recorded {
  readonly operation: string;
  readonly input: Json;
}

const items: readonly Item[] = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const keyOf = ({ pk, sk }: Item): string => `${pk?.S} ${sk?.S}`;
const kept = new Map(items.map((item) => [keyOf(item), item]));

/** What the functions put, until so much is newer. */
const put = new Map<string, Item>();
const mostPut = 1000;
const mostRecorded = 1000;
let recorded: Recorded[] = [];

const remember = (item: Item): void => {
  put.set(keyOf(item), item);
  const [oldest = ""] = put.keys();
  if (put.size > mostPut) put.delete(oldest);
};

const stored = (key: Item): Item | undefined => put.get(keyOf(key)) ?? kept.get(keyOf(key));

/**
 * `SET a = :a, #b = :b ADD c :c` on a stored item, whatever its condition: slots and tokens are always there. What is
 * counted up stays absent, which reads as a full bucket.
 */
const updated = (input: Json): Item => {
  const { Key, UpdateExpression, ExpressionAttributeNames, ExpressionAttributeValues } = input as {
    readonly Key: Item;
    readonly UpdateExpression: string;
    readonly ExpressionAttributeNames?: Record<string, string>;
    readonly ExpressionAttributeValues: Item;
  };
  const item: Item = { ...stored(Key), ...Key };
  for (const [, name = "", value = ""] of UpdateExpression.matchAll(/([#\w]+)(?: =)? (:\w+)/g)) {
    item[ExpressionAttributeNames?.[name] ?? name] = ExpressionAttributeValues[value] ?? {};
  }
  return item;
};

const query = ({ ExpressionAttributeValues: values }: Json): Item[] => {
  const pk = (values as Item)[":pk"]?.S;
  return [...kept.values()].filter((item) => item["pk"]?.S === pk).slice(0, 1);
};

const operations: Readonly<Record<string, (input: Json) => Json>> = {
  GetItem: ({ Key }) => ({ Item: stored(Key as Item) }),
  Query: (input) => ({ Items: query(input) }),
  PutItem: ({ Item: item }) => {
    remember(item as Item);
    return {};
  },
  UpdateItem: (input) => (input["ReturnValues"] === "ALL_NEW" ? { Attributes: updated(input) } : {}),
  StartJobRun: ({ applicationId }) => ({
    applicationId,
    jobRunId: "00run000002",
    arn: `arn:aws:emr-serverless:us-east-1:111122223333:/applications/${applicationId}/jobruns/00run000002`,
  }),
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
};

/** AWS JSON protocols name the operation in a header, EMR Serverless in its path. */
const requestOf = (request: IncomingMessage, body: string): Recorded => {
  const target = request.headers["x-amz-target"];
  if (typeof target === "string") return { operation: target.split(".").at(-1) ?? "", input: JSON.parse(body) };
  const [, applicationId] = /^\/applications\/([^/]+)\/jobruns/.exec(request.url ?? "") ?? [];
  return { operation: "StartJobRun", input: { applicationId, ...JSON.parse(body || "{}") } };
};

const server = createServer((request, response) => {
  const answer = async (): Promise<void> => {
    const body = await bodyOf(request);
    response.setHeader("content-type", "application/json");
    if (request.url === "/recorded") {
      response.end(JSON.stringify(recorded));
      recorded = [];
      return;
    }
    const call = requestOf(request, body);
    if (recorded.length < mostRecorded) recorded.push(call);
    const known = operations[call.operation];
    if (known === undefined) response.statusCode = 400;
    response.end(JSON.stringify(known?.(call.input) ?? { __type: "UnknownOperationException" }));
  };
  answer().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
});

// Connections outlive the pauses between rounds, as those of AWS do.
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => writeSync(1, `${(server.address() as AddressInfo).port}\n`));

// Ends with the bench, however that ends.
process.stdin.on("end", () => process.exit(0)).resume();
