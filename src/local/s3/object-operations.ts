import type { AwsResponse } from "#local/aws-service.ts";
import { md5 } from "./checksums.ts";
import type { StoredObject } from "./object-store.ts";
import type { S3Context } from "./s3.ts";
import { noSuchBucket, noSuchKey, S3Error } from "./s3-error.ts";
import { addressOf, detailsOf, rangeOf, type S3Request, uploadOf } from "./s3-request.ts";
import { elementsOf, unescapeXml, type XmlElement, xmlAnswer } from "./s3-xml.ts";

export const empty = (status: number, headers: Readonly<Record<string, string>> = {}): AwsResponse => ({
  status,
  headers,
  body: "",
});

export async function putObject(context: S3Context, request: S3Request): Promise<AwsResponse> {
  const { bucket, key, headers } = request;
  const { bytes, checksums } = uploadOf(request);
  const onlyIfAbsent = headers["if-none-match"] === "*";
  if (headers["if-match"] !== undefined || (headers["if-none-match"] !== undefined && !onlyIfAbsent)) {
    throw new S3Error("NotImplemented", 'Of the conditions of a put only "If-None-Match: *" is there.', 501);
  }
  const etag = md5(bytes);
  await context.store.put(bucket, key, bytes, { ...detailsOf(headers), etag, checksums }, onlyIfAbsent);
  context.created(request, { size: bytes.length, etag, reason: "PutObject" });
  return empty(200, { etag: `"${etag}"`, ...checksums });
}

/** The object that `x-amz-copy-source` names, with its content. */
export async function copySource(context: S3Context, source: string): Promise<{ object: StoredObject; bytes: Buffer }> {
  if (/\?versionId=/.test(source)) throw new S3Error("NotImplemented", "The embedded S3 has no versions.", 501);
  const { bucket, key } = addressOf(source.startsWith("/") ? source : `/${source}`);
  const object = await existing(context, bucket, key);
  return { object, bytes: await context.store.read(bucket, key) };
}

export async function copyObject(context: S3Context, request: S3Request): Promise<AwsResponse> {
  const { bucket, key, headers } = request;
  const { object, bytes } = await copySource(context, headers["x-amz-copy-source"] ?? "");
  const replace = headers["x-amz-metadata-directive"] === "REPLACE";
  const etag = md5(bytes);
  const { contentType, headers: kept } = replace ? detailsOf(headers) : object;
  await context.store.put(bucket, key, bytes, { contentType, headers: kept, etag, checksums: object.checksums });
  context.created(request, { size: bytes.length, etag, reason: "CopyObject" });
  const lastModified = (await existing(context, bucket, key)).lastModified.toISOString();
  return xmlAnswer("CopyObjectResult", [
    ["LastModified", lastModified],
    ["ETag", `"${etag}"`],
  ]);
}

export async function headObject(context: S3Context, request: S3Request): Promise<AwsResponse> {
  const object = await existing(context, request.bucket, request.key);
  const range = rangeOf(request.headers["range"], object.size);
  const length = range ? range.end - range.start + 1 : object.size;
  return empty(range ? 206 : 200, { ...headersOf(object, request), "content-length": String(length) });
}

export async function getObject(context: S3Context, request: S3Request): Promise<AwsResponse> {
  const { bucket, key, headers, query } = request;
  const object = await existing(context, bucket, key);
  const bytes = await context.store.read(bucket, key);
  const answered = { ...headersOf(object, request), ...overrides(query) };
  const range = rangeOf(headers["range"], bytes.length);
  if (!range) return { status: 200, headers: answered, body: bytes };
  const contentRange = `bytes ${range.start}-${range.end}/${bytes.length}`;
  return {
    status: 206,
    headers: { ...answered, "content-range": contentRange },
    body: bytes.subarray(range.start, range.end + 1),
  };
}

/** The query of a presigned URL may name headers of the answer, e.g. `response-content-type`. */
function overrides(query: URLSearchParams): Record<string, string> {
  const named = [...query].filter(([name]) => name.startsWith("response-"));
  return Object.fromEntries(named.map(([name, value]) => [name.slice("response-".length), value]));
}

function headersOf(object: StoredObject, { headers }: S3Request): Record<string, string> {
  // A checksum is of the whole object: an answer with a part of it must not carry it.
  const withChecksums = headers["x-amz-checksum-mode"] === "ENABLED" && headers["range"] === undefined;
  return {
    "content-type": object.contentType,
    "last-modified": object.lastModified.toUTCString(),
    "accept-ranges": "bytes",
    etag: `"${object.etag}"`,
    ...object.headers,
    ...(withChecksums && object.checksums),
  };
}

export async function existing({ store }: S3Context, bucket: string, key: string): Promise<StoredObject> {
  const object = await store.head(bucket, key);
  if (object) return object;
  throw (await store.hasBucket(bucket)) ? noSuchKey(key) : noSuchBucket(bucket);
}

export async function deleteObject(context: S3Context, request: S3Request): Promise<AwsResponse> {
  if (!(await context.store.hasBucket(request.bucket))) throw noSuchBucket(request.bucket);
  if (await context.store.remove(request.bucket, request.key)) context.deleted(request);
  return empty(204);
}

export async function deleteObjects(context: S3Context, request: S3Request): Promise<AwsResponse> {
  const { bytes } = uploadOf(request);
  if (!(await context.store.hasBucket(request.bucket))) throw noSuchBucket(request.bucket);
  const xml = bytes.toString();
  const quiet = elementsOf(xml, "Quiet")[0] === "true";
  const results: XmlElement[] = [];
  for (const entry of elementsOf(xml, "Object")) {
    const key = unescapeXml(elementsOf(entry, "Key")[0] ?? "");
    try {
      if (await context.store.remove(request.bucket, key)) context.deleted({ ...request, key });
      if (!quiet) results.push(["Deleted", [["Key", key]]]);
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      results.push([
        "Error",
        [
          ["Key", key],
          ["Code", error.code],
          ["Message", error.message],
        ],
      ]);
    }
  }
  return xmlAnswer("DeleteResult", results);
}
