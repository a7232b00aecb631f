import { S3Error } from "./s3-error.ts";

export interface DecodedBody {
  readonly bytes: Buffer;
  /** Lower-case names, e.g. "x-amz-checksum-crc32". */
  readonly trailers: Readonly<Record<string, string>>;
}

const incomplete = () => new S3Error("IncompleteBody", "The aws-chunked request body is malformed.");

/**
 * Undoes the `aws-chunked` coding of streaming uploads: `size[;chunk-signature=…]`, data, …, size 0, trailers.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export function decodeAwsChunked(body: Buffer): DecodedBody {
  const chunks: Buffer[] = [];
  let at = 0;
  const nextLine = (): string => {
    const end = body.indexOf("\r\n", at);
    if (end < 0) throw incomplete();
    const line = body.toString("latin1", at, end);
    at = end + 2;
    return line;
  };
  for (;;) {
    const digits = /^([0-9a-fA-F]{1,8})(?:;|$)/.exec(nextLine())?.[1];
    if (digits === undefined) throw incomplete();
    const size = Number.parseInt(digits, 16);
    if (size === 0) break;
    // Of a body that ends too soon this is less, and no line end follows.
    chunks.push(body.subarray(at, at + size));
    at += size;
    if (nextLine() !== "") throw incomplete();
  }
  return { bytes: Buffer.concat(chunks), trailers: readTrailers(body.toString("latin1", at)) };
}

function readTrailers(text: string): Record<string, string> {
  const trailers: Record<string, string> = {};
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return trailers;
}
