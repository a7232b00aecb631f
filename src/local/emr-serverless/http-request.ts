import type { AwsRequest } from "#local/aws-service.ts";
import { type Operation, operations } from "./operations.ts";
import { ServiceError } from "./service-error.ts";

interface Call {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

const label = /\{(\w+)\}/g;

/** Labels are one segment each; an ARN in a path may come with its slashes encoded or not. */
const routes = Object.entries(operations).map(([name, operation]) => ({
  name,
  operation,
  path: new RegExp(
    `^${operation.path.replace(label, (_, member) => `(?<${member}>${member === "resourceArn" ? ".+" : "[^/]+"})`)}/?$`,
  ),
}));

/** A request of the REST-JSON protocol as the API's own members: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html */
export function readRequest(request: AwsRequest): Call {
  for (const { name, operation, path } of routes) {
    const labels = operation.method === request.method ? path.exec(request.path) : null;
    if (!labels) continue;
    const input = {
      ...readBody(request),
      ...readQuery(operation, request.query),
      ...decodeLabels(labels.groups ?? {}),
    };
    return { operation: name, input };
  }
  throw new ServiceError("UnknownOperationException", `No operation answers ${request.method} ${request.path}`);
}

function decodeLabels(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decode(text)]));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw unreadable(`The path holds a broken escape: ${text}`, cause);
  }
}

function unreadable(message: string, cause?: unknown): ServiceError {
  return Object.assign(new ServiceError("SerializationException", message), { cause });
}

function readBody({ body, method }: AwsRequest): object {
  if (body.length === 0 || method === "GET") return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw unreadable("The request body is not JSON", cause);
  }
  if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed;
  throw unreadable("The request body is not a JSON object");
}

function readQuery({ query: members }: Operation, query: URLSearchParams): Record<string, unknown> {
  const found = Object.entries(members).filter(([name]) => query.has(name));
  return Object.fromEntries(
    found.map(([name, kind]) => [name, kind === "texts" ? query.getAll(name) : readers[kind](query.get(name) ?? "")]),
  );
}

const readers: Readonly<Record<"text" | "number" | "boolean" | "time", (text: string) => unknown>> = {
  text: (text) => text,
  number: (text) => (/^-?\d+$/.test(text) ? Number(text) : text),
  boolean: (text) => text === "true",
  // ISO 8601 in queries; botocore and curl users may send epoch seconds.
  time: (text) => (/^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : Date.parse(text)),
};
