import type { AwsRequest } from "#local/aws-service.ts";
import { decodeAwsChunked } from "./aws-chunked.ts";
import { type Checksums, checkedChecksums } from "./checksums.ts";
import type { ObjectDetails } from "./metadata.ts";
import { S3Error } from "./s3-error.ts";

export interface S3Request extends AwsRequest {
  /** "" when the request is about the account. */
  readonly bucket: string;
  /** "" when the request is about the bucket. */
  readonly key: string;
  readonly requestId: string;
}

/** Path style only: the host of the embedded AWS is an address. */
export function addressOf(path: string): { bucket: string; key: string } {
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  try {
    return { bucket: decodeURIComponent(bucket), key: decodeURIComponent(key) };
  } catch {
    throw new S3Error("InvalidURI", `Couldn't parse the specified URI: "${path}".`);
  }
}

export interface Upload {
  readonly bytes: Buffer;
  readonly checksums: Checksums;
}

/** The content of an upload, out of its transfer coding and checked against the checksums that came with it. */
export function uploadOf({ headers, body }: AwsRequest): Upload {
  const streaming =
    headers["x-amz-content-sha256"]?.startsWith("STREAMING-") || codings(headers).includes("aws-chunked");
  const { bytes, trailers } = streaming ? decodeAwsChunked(body) : { bytes: body, trailers: {} };
  return { bytes, checksums: checkedChecksums({ ...headers, ...trailers }, bytes) };
}

const codings = (headers: AwsRequest["headers"]): string[] =>
  (headers["content-encoding"] ?? "")
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "");

const keptHeaders = ["cache-control", "content-disposition", "content-language", "expires"];

/** What an upload's headers say about the object. */
export function detailsOf(headers: AwsRequest["headers"]): Pick<ObjectDetails, "contentType" | "headers"> {
  const kept = Object.entries(headers).filter(([name]) => name.startsWith("x-amz-meta-") || keptHeaders.includes(name));
  const encoding = codings(headers)
    .filter((coding) => coding !== "aws-chunked")
    .join(",");
  return {
    contentType: headers["content-type"] ?? "binary/octet-stream",
    headers: { ...Object.fromEntries(kept), ...(encoding !== "" && { "content-encoding": encoding }) },
  };
}

export interface ByteRange {
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

/** One range of bytes; `undefined` for none or for a form that S3 ignores. */
export function rangeOf(header: string | undefined, size: number): ByteRange | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end || (first === "" && last === "0")) {
    throw new S3Error("InvalidRange", "The requested range is not satisfiable", 416);
  }
  return { start, end };
}
