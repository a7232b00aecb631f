import { join } from "node:path";
import type { AwsResponse } from "#local/aws-service.ts";
import { localAccountId } from "#local/aws-service.ts";
import { pageOf, readKeys } from "./listing.ts";
import { empty } from "./object-operations.ts";
import type { S3Context } from "./s3.ts";
import { noSuchBucket, S3Error } from "./s3-error.ts";
import type { S3Request } from "./s3-request.ts";
import { type XmlElement, xmlAnswer } from "./s3-xml.ts";

export async function listBuckets({ store }: S3Context): Promise<AwsResponse> {
  const buckets = await store.listBuckets();
  const element = ({ name, createdAt }: (typeof buckets)[number]): XmlElement => [
    "Bucket",
    [
      ["Name", name],
      ["CreationDate", createdAt.toISOString()],
    ],
  ];
  return xmlAnswer("ListAllMyBucketsResult", [
    ["Owner", [["ID", localAccountId]]],
    ["Buckets", buckets.map(element)],
  ]);
}

export async function createBucket({ store }: S3Context, { bucket, region }: S3Request): Promise<AwsResponse> {
  // us-east-1 alone takes a bucket that is there and yours: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
  if (!(await store.createBucket(bucket)) && region !== "us-east-1") {
    const message = "Your previous request to create the named bucket succeeded and you already own it.";
    throw new S3Error("BucketAlreadyOwnedByYou", message, 409);
  }
  return empty(200, { location: `/${bucket}` });
}

export async function headBucket({ store }: S3Context, { bucket, region }: S3Request): Promise<AwsResponse> {
  if (!(await store.hasBucket(bucket))) throw noSuchBucket(bucket);
  return empty(200, { "x-amz-bucket-region": region });
}

export async function deleteBucket({ store }: S3Context, { bucket }: S3Request): Promise<AwsResponse> {
  if (!(await store.hasBucket(bucket))) throw noSuchBucket(bucket);
  await store.deleteBucket(bucket);
  return empty(204);
}

export async function bucketLocation({ store }: S3Context, { bucket, region }: S3Request): Promise<AwsResponse> {
  if (!(await store.hasBucket(bucket))) throw noSuchBucket(bucket);
  // The constraint of us-east-1 is empty: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
  const constraint = region === "us-east-1" ? "" : region;
  const xmlns = "http://s3.amazonaws.com/doc/2006-03-01/";
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="${xmlns}">${constraint}</LocationConstraint>`;
  return { status: 200, headers: { "content-type": "application/xml" }, body };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html: a page has at most 1000 keys. */
export async function listObjects({ store, directory }: S3Context, { bucket, query }: S3Request): Promise<AwsResponse> {
  if (!(await store.hasBucket(bucket))) throw noSuchBucket(bucket);
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const asked = Number(query.get("max-keys") ?? 1000);
  if (!Number.isInteger(asked) || asked < 0)
    throw new S3Error("InvalidArgument", "Provided max-keys not an integer or within integer range");
  const token = query.get("continuation-token");
  const startAfter = query.get("start-after") ?? "";
  const all = await readKeys(join(directory, bucket), prefix, (key) => store.isFolderMarker(bucket, key));
  const resumeAfter = token === null ? "" : Buffer.from(token, "base64url").toString();
  const page = pageOf(all, { prefix, delimiter, maxKeys: Math.min(asked, 1000), startAfter, resumeAfter });
  const objects = (await Promise.all(page.keys.map((key) => store.head(bucket, key)))).filter(
    (object) => object !== undefined,
  );
  const encode = query.get("encoding-type") === "url" ? encodeKey : (key: string) => key;
  return xmlAnswer("ListBucketResult", [
    ["Name", bucket],
    ["Prefix", encode(prefix)],
    ["Delimiter", delimiter === "" ? undefined : encode(delimiter)],
    ["MaxKeys", asked],
    ["EncodingType", query.get("encoding-type") ?? undefined],
    ["KeyCount", objects.length + page.commonPrefixes.length],
    ["IsTruncated", page.next !== undefined],
    ["ContinuationToken", token ?? undefined],
    ["NextContinuationToken", page.next === undefined ? undefined : Buffer.from(page.next).toString("base64url")],
    ["StartAfter", startAfter === "" ? undefined : encode(startAfter)],
    ...objects.map(
      ({ key, size, etag, lastModified }): XmlElement => [
        "Contents",
        [
          ["Key", encode(key)],
          ["LastModified", lastModified.toISOString()],
          ["ETag", `"${etag}"`],
          ["Size", size],
          ["StorageClass", "STANDARD"],
        ],
      ],
    ),
    ...page.commonPrefixes.map((common): XmlElement => ["CommonPrefixes", [["Prefix", encode(common)]]]),
  ]);
}

/** Form encoding, as S3 does it: the slash stays. */
const encodeKey = (key: string): string => encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+");
