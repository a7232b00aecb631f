import type { AwsResponse } from "#local/aws-service.ts";
import { copySource, empty, existing } from "./object-operations.ts";
import type { S3Context } from "./s3.ts";
import { noSuchBucket } from "./s3-error.ts";
import { detailsOf, rangeOf, type S3Request, uploadOf } from "./s3-request.ts";
import { elementsOf, unescapeXml, xmlAnswer } from "./s3-xml.ts";

export async function createMultipartUpload(context: S3Context, request: S3Request): Promise<AwsResponse> {
  const { bucket, key, headers } = request;
  if (!(await context.store.hasBucket(bucket))) throw noSuchBucket(bucket);
  const uploadId = await context.uploads.create(bucket, key, detailsOf(headers));
  return xmlAnswer("InitiateMultipartUploadResult", [
    ["Bucket", bucket],
    ["Key", key],
    ["UploadId", uploadId],
  ]);
}

export async function uploadPart(context: S3Context, request: S3Request): Promise<AwsResponse> {
  const { bucket, key, query } = request;
  const { bytes, checksums } = uploadOf(request);
  const etag = await context.uploads.putPart(
    bucket,
    key,
    query.get("uploadId") ?? "",
    Number(query.get("partNumber")),
    bytes,
  );
  return empty(200, { etag: `"${etag}"`, ...checksums });
}

export async function uploadPartCopy(context: S3Context, request: S3Request): Promise<AwsResponse> {
  const { bucket, key, query, headers } = request;
  const { object, bytes } = await copySource(context, headers["x-amz-copy-source"] ?? "");
  const range = rangeOf(headers["x-amz-copy-source-range"], bytes.length);
  const part = range ? bytes.subarray(range.start, range.end + 1) : bytes;
  const etag = await context.uploads.putPart(
    bucket,
    key,
    query.get("uploadId") ?? "",
    Number(query.get("partNumber")),
    part,
  );
  return xmlAnswer("CopyPartResult", [
    ["LastModified", object.lastModified.toISOString()],
    ["ETag", `"${etag}"`],
  ]);
}

export async function completeMultipartUpload(context: S3Context, request: S3Request): Promise<AwsResponse> {
  const { bucket, key, query, headers } = request;
  const uploadId = query.get("uploadId") ?? "";
  const parts = elementsOf(request.body.toString(), "Part").map((part) => ({
    part: Number(elementsOf(part, "PartNumber")[0]),
    etag: unescapeXml(elementsOf(part, "ETag")[0] ?? "").replaceAll('"', ""),
  }));
  const { details, bytes } = await context.uploads.complete(bucket, key, uploadId, parts);
  await context.store.put(bucket, key, bytes, details, headers["if-none-match"] === "*");
  await context.uploads.remove(bucket, key, uploadId);
  const { size, etag } = await existing(context, bucket, key);
  context.created(request, { size, etag, reason: "CompleteMultipartUpload" });
  const location = `/${bucket}/${key}`;
  return xmlAnswer("CompleteMultipartUploadResult", [
    ["Location", location],
    ["Bucket", bucket],
    ["Key", key],
    ["ETag", `"${etag}"`],
  ]);
}

export async function abortMultipartUpload(
  context: S3Context,
  { bucket, key, query }: S3Request,
): Promise<AwsResponse> {
  await context.uploads.remove(bucket, key, query.get("uploadId") ?? "");
  return empty(204);
}
