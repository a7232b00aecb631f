import type { IncomingMessage } from "node:http";
import type { AwsRequest } from "./aws-service.ts";

/** Raised when a request body is larger than the endpoint takes. */
export class BodyTooLargeError extends Error {
  override readonly name = "BodyTooLargeError";
}

export interface Signature {
  readonly principal: string;
  readonly region: string;
  readonly service: string;
}

/** Unsigned requests are S3's: `aws s3 --no-sign-request` and plain HTTP clients reach nothing else. */
const unsigned: Signature = { principal: "anonymous", region: "us-east-1", service: "s3" };

/**
 * Who signed a request and for which service, out of the credential scope `AKID/date/region/service/aws4_request`:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
 * The signature itself is not checked. `undefined` when there is a scope that nobody can read.
 */
export function readSignature(headers: AwsRequest["headers"], query: URLSearchParams): Signature | undefined {
  const authorization = headers["authorization"];
  const credential = authorization ? /Credential=([^,\s]+)/.exec(authorization)?.[1] : query.get("X-Amz-Credential");
  if (!authorization && !credential) return unsigned;
  // The date is the fourth part from the end: an access key id may itself hold slashes.
  const scope = /^(.+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request$/.exec(credential ?? "");
  const [, principal, region, service] = scope ?? [];
  return principal && region && service ? { principal, region, service } : undefined;
}

/** The target of a request as it came: `url` is "/path?query", or absolute when it comes through a proxy. */
export function splitTarget(url: string): { path: string; query: URLSearchParams } {
  const target = url.replace(/^https?:\/\/[^/?]*/, "");
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  return { path: path || "/", query: new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1)) };
}

/** Node's own joined headers, always as one string each. */
export function flattenHeaders(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}

export async function readBody(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    // What is too much is still read to its end: a client that is cut off while it sends never sees the answer.
    if (size <= maxBytes) chunks.push(chunk);
  }
  if (size > maxBytes) {
    throw new BodyTooLargeError(`The request body is larger than the ${maxBytes} bytes that this endpoint takes.`);
  }
  return Buffer.concat(chunks, size);
}
