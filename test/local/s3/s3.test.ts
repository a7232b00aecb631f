import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketAclCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { createClock, recordEvents, useAws } from "../aws-clients.ts";

const Bucket = "data";
const md5 = (content: string | Buffer) => createHash("md5").update(content).digest("hex");

async function useS3(options: Parameters<typeof useAws>[0] = {}) {
  const started = await useAws(options);
  const { aws, s3 } = started;
  await s3.send(new CreateBucketCommand({ Bucket }));
  const events = recordEvents(aws);
  return {
    ...started,
    events,
    file: (key: string) => join(aws.objects.directory, Bucket, key),
    put: (Key: string, Body: PutObjectCommandInput["Body"] = Key, more: object = {}) =>
      s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more })),
    get: (Key: string, more: object = {}) => s3.send(new GetObjectCommand({ Bucket, Key, ...more })),
    list: async (more: object = {}) => {
      const page = await s3.send(new ListObjectsV2Command({ Bucket, ...more }));
      const keys = page.Contents?.map((object) => object.Key) ?? [];
      return { ...page, keys, prefixes: page.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? [] };
    },
  };
}

const textOf = async ({ Body }: { Body?: { transformToString(): Promise<string> } | undefined }) =>
  Body?.transformToString();

test("buckets are made, listed, asked for and removed", async () => {
  const { aws, s3, put } = await useS3();
  expect((await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toEqual([Bucket]);
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new HeadBucketCommand({ Bucket }));
  await expect(s3.send(new HeadBucketCommand({ Bucket: "other" }))).rejects.toMatchObject({ name: "NotFound" });
  await expect(s3.send(new CreateBucketCommand({ Bucket: "No_Bucket" }))).rejects.toMatchObject({
    name: "InvalidBucketName",
  });
  await put("a/b");
  await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({ name: "BucketNotEmpty" });
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "a/b" }));
  await s3.send(new DeleteBucketCommand({ Bucket }));
  expect(await readdir(aws.objects.directory)).toEqual([]);
});

test("an object is a plain file, and comes back with what was said about it", async () => {
  const { put, get, file } = await useS3();
  const { ETag } = await put("in/a b+%2F é.json", "{}", {
    ContentType: "application/json",
    CacheControl: "no-store",
    Metadata: { tenant: "acme" },
  });
  expect(await readFile(file("in/a b+%2F é.json"), "utf8")).toBe("{}");
  const answer = await get("in/a b+%2F é.json");
  expect(await textOf(answer)).toBe("{}");
  expect(answer).toMatchObject({
    ETag,
    ContentType: "application/json",
    ContentLength: 2,
    CacheControl: "no-store",
    Metadata: { tenant: "acme" },
  });
  expect(ETag).toBe(`"${md5("{}")}"`);
});

test("nothing but objects is in the tree of objects", async () => {
  const { aws, put } = await useS3();
  await put("a", "1", { Metadata: { tenant: "acme" } });
  expect(await readdir(aws.objects.directory, { recursive: true })).toEqual([Bucket, join(Bucket, "a")]);
});

test("a streaming upload with a checksum as trailer is stored without its coding", async () => {
  const { s3, file } = await useS3();
  const codings: string[] = [];
  s3.middlewareStack.add(
    (next) => (args) => {
      codings.push((args.request as { headers: Record<string, string> }).headers["content-encoding"] ?? "");
      return next(args);
    },
    { step: "finalizeRequest", priority: "low" },
  );
  const content = "0123456789".repeat(20_000);
  const Body = Readable.from([Buffer.from(content.slice(0, 70_000)), Buffer.from(content.slice(70_000))]);
  const put = new PutObjectCommand({
    Bucket,
    Key: "stream",
    Body,
    ContentLength: content.length,
    ChecksumAlgorithm: "CRC32",
  });
  const { ChecksumCRC32 } = await s3.send(put);
  expect(codings).toEqual(["aws-chunked"]);
  expect(await readFile(file("stream"), "utf8")).toBe(content);
  const answer = await s3.send(new GetObjectCommand({ Bucket, Key: "stream", ChecksumMode: "ENABLED" }));
  expect(await textOf(answer)).toBe(content);
  expect(ChecksumCRC32).toMatch(/^.{6}==$/);
  expect([answer.ChecksumCRC32, answer.ContentEncoding]).toEqual([ChecksumCRC32, undefined]);
});

test("a wrong checksum is refused", async () => {
  const { put, get } = await useS3();
  await expect(put("a", "hello", { ChecksumSHA256: "A".repeat(43).concat("=") })).rejects.toMatchObject({
    name: "BadDigest",
  });
  await expect(put("a", "hello", { ContentMD5: "A".repeat(22).concat("==") })).rejects.toMatchObject({
    name: "BadDigest",
  });
  await expect(get("a")).rejects.toMatchObject({ name: "NoSuchKey" });
});

test("If-None-Match puts an object once", async () => {
  const { put, get } = await useS3();
  const puts = ["a", "b", "c", "d"].map((content) => put("once", content, { IfNoneMatch: "*" }));
  const settled = await Promise.allSettled(puts);
  const faults = settled.flatMap((result) => (result.status === "rejected" ? [result.reason.name] : []));
  expect(faults).toEqual(Array(3).fill("PreconditionFailed"));
  const winner = ["a", "b", "c", "d"][settled.findIndex(({ status }) => status === "fulfilled")];
  expect(await textOf(await get("once"))).toBe(winner);
});

test("a range of an object can be read", async () => {
  const { put, get } = await useS3();
  await put("digits", "0123456789");
  const read = async (Range: string) => {
    const answer = await get("digits", { Range });
    return [await textOf(answer), answer.ContentRange];
  };
  expect(await read("bytes=2-4")).toEqual(["234", "bytes 2-4/10"]);
  expect(await read("bytes=7-")).toEqual(["789", "bytes 7-9/10"]);
  expect(await read("bytes=-3")).toEqual(["789", "bytes 7-9/10"]);
  expect(await read("bytes=8-99")).toEqual(["89", "bytes 8-9/10"]);
  await expect(read("bytes=10-")).rejects.toMatchObject({ name: "InvalidRange" });
});

test("an unknown key and an unknown bucket have errors of their own", async () => {
  const { s3, get } = await useS3();
  await expect(get("none")).rejects.toMatchObject({ name: "NoSuchKey" });
  await expect(s3.send(new HeadObjectCommand({ Bucket, Key: "none" }))).rejects.toMatchObject({ name: "NotFound" });
  const elsewhere = { Bucket: "other", Key: "none" };
  await expect(s3.send(new GetObjectCommand(elsewhere))).rejects.toMatchObject({ name: "NoSuchBucket" });
  await expect(s3.send(new PutObjectCommand({ ...elsewhere, Body: "x" }))).rejects.toMatchObject({
    name: "NoSuchBucket",
  });
});

test("a bucket is never a way out of the directory", async () => {
  const { aws } = await useS3();
  // The SDK and fetch would tidy such a path up.
  const get = request({ port: aws.port, host: "127.0.0.1", path: "/..?list-type=2" }).end();
  const [answer] = await once(get, "response");
  answer.resume();
  expect(answer.statusCode).toBe(404);
});

test("a key that a file system cannot hold is refused with the reason", async () => {
  const { aws, put } = await useS3();
  await put("a", "file");
  await put("b/c", "file");
  await expect(put("a/b")).rejects.toThrow("a file system has no file and folder of one name");
  await expect(put("b")).rejects.toThrow("a file system has no file and folder of one name");
  await expect(put("b", "x", { IfNoneMatch: "*" })).rejects.toThrow("a file system has no file and folder of one name");
  await expect(put("x".repeat(256))).rejects.toThrow("a part of it is longer than 255 bytes");
  const outside = await fetch(`${aws.url}/${Bucket}/..%2F..%2Foutside`, { method: "PUT", body: "x" });
  expect([outside.status, await outside.text()]).toEqual([400, expect.stringContaining("is not a name of a file")]);
  expect(existsSync(join(aws.objects.directory, "..", "outside"))).toBe(false);
});

test("files that others write are objects, and those that others overwrite are new ones", async () => {
  const { s3, put, get, list, file } = await useS3();
  await put("report", "old", { ContentType: "text/csv" });
  await writeFile(file("report"), "new content");
  await mkdir(file("out"));
  await writeFile(file("out/part-0"), "spark");
  expect((await list()).keys).toEqual(["out/part-0", "report"]);
  expect(await textOf(await get("out/part-0"))).toBe("spark");
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "report" }));
  expect(head).toMatchObject({
    ETag: `"${md5("new content")}"`,
    ContentLength: 11,
    ContentType: "binary/octet-stream",
  });
  await utimes(file("out/part-0"), 0, 0);
  expect((await get("out/part-0")).ETag).toBe(`"${md5("spark")}"`);
});

test("ListObjectsV2 pages through prefixes and keys", async () => {
  const { put, list } = await useS3();
  for (const key of ["a", "in/1", "in/2", "in/deep/3", "z&<é>"]) await put(key);
  expect((await list()).keys).toEqual(["a", "in/1", "in/2", "in/deep/3", "z&<é>"]);
  expect((await list({ Prefix: "in/" })).keys).toEqual(["in/1", "in/2", "in/deep/3"]);
  const top = await list({ Delimiter: "/" });
  expect([top.keys, top.prefixes, top.KeyCount]).toEqual([["a", "z&<é>"], ["in/"], 3]);
  const first = await list({ Delimiter: "/", MaxKeys: 2 });
  expect([first.keys, first.prefixes, first.IsTruncated]).toEqual([["a"], ["in/"], true]);
  const second = await list({ Delimiter: "/", MaxKeys: 2, ContinuationToken: first.NextContinuationToken });
  expect([second.keys, second.prefixes, second.IsTruncated]).toEqual([["z&<é>"], [], false]);
  expect((await list({ EncodingType: "url", StartAfter: "in/2" })).keys).toEqual(["in/deep/3", "z%26%3C%C3%A9%3E"]);
});

test("a folder marker is an object of no bytes", async () => {
  const { s3, put, get, list } = await useS3();
  await put("folder/", Buffer.alloc(0));
  await put("folder/a");
  expect((await list()).keys).toEqual(["folder/", "folder/a"]);
  expect((await list({ Delimiter: "/" })).prefixes).toEqual(["folder/"]);
  expect((await get("folder/")).ContentLength).toBe(0);
  await expect(put("folder/", "content")).rejects.toThrow('a key that ends in "/" is a folder here');
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "folder/a" }));
  expect((await list()).keys).toEqual(["folder/"]);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "folder/" }));
  expect((await list()).keys).toEqual([]);
});

test("a deleted object is gone, with the folders it leaves empty", async () => {
  const { s3, put, list, file } = await useS3();
  for (const key of ["a/b/c", "a/d", "e&f"]) await put(key);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "a/b/c" }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "a/b/c" }));
  expect([existsSync(file("a/b")), existsSync(file("a"))]).toEqual([false, true]);
  const Objects = [{ Key: "a/d" }, { Key: "e&f" }, { Key: "../x" }, { Key: "none" }];
  const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  expect(Deleted?.map(({ Key }) => Key)).toEqual(["a/d", "e&f", "none"]);
  expect(Errors).toMatchObject([{ Key: "../x", Code: "InvalidArgument" }]);
  expect((await list()).keys).toEqual([]);
});

test("CopyObject takes what is said about an object along, or replaces it", async () => {
  const { s3, put, get } = await useS3();
  await put("from é", "content", { ContentType: "text/csv", Metadata: { tenant: "acme" } });
  const CopySource = `${Bucket}/${encodeURIComponent("from é")}`;
  const { CopyObjectResult } = await s3.send(new CopyObjectCommand({ Bucket, Key: "to", CopySource }));
  expect(CopyObjectResult?.ETag).toBe(`"${md5("content")}"`);
  expect(await get("to")).toMatchObject({ ContentType: "text/csv", Metadata: { tenant: "acme" } });
  const replace = { MetadataDirective: "REPLACE", ContentType: "text/plain", Metadata: {} } as const;
  await s3.send(new CopyObjectCommand({ Bucket, Key: "to", CopySource, ...replace }));
  expect(await get("to")).toMatchObject({ ContentType: "text/plain", Metadata: {} });
});

test("a multipart upload becomes one object when it is complete", async () => {
  const { s3, put, get, list, file } = await useS3();
  const of = { Bucket, Key: "big" };
  await put("source", "0123456789");
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...of, ContentType: "text/plain" }));
  const part = (PartNumber: number, Body: string) =>
    s3.send(new UploadPartCommand({ ...of, UploadId, PartNumber, Body }));
  const second = await part(2, "world");
  await part(1, "wrong");
  const first = await part(1, "hello ");
  const copy = { ...of, UploadId, PartNumber: 3, CopySource: `${Bucket}/source`, CopySourceRange: "bytes=0-2" };
  const { CopyPartResult } = await s3.send(new UploadPartCopyCommand(copy));
  expect((await list()).keys).toEqual(["source"]);
  const Parts = [first, second, CopyPartResult ?? {}].map(({ ETag }, index) => ({ ETag, PartNumber: index + 1 }));
  const complete = (list: object[]) =>
    s3.send(new CompleteMultipartUploadCommand({ ...of, UploadId, MultipartUpload: { Parts: list } }));
  await expect(complete([...Parts].reverse())).rejects.toMatchObject({ name: "InvalidPartOrder" });
  await expect(complete([{ PartNumber: 9, ETag: first.ETag }])).rejects.toMatchObject({ name: "InvalidPart" });
  const { ETag } = await complete(Parts);
  const digests = Buffer.from(["hello ", "world", "012"].map(md5).join(""), "hex");
  expect(ETag).toBe(`"${md5(digests)}-3"`);
  expect(await readFile(file("big"), "utf8")).toBe("hello world012");
  expect(await get("big")).toMatchObject({ ETag, ContentType: "text/plain", ContentLength: 14 });
  await expect(complete(Parts)).rejects.toMatchObject({ name: "NoSuchUpload" });
});

test("an aborted multipart upload leaves nothing", async () => {
  const { s3, list } = await useS3();
  const of = { Bucket, Key: "big" };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(of));
  await s3.send(new UploadPartCommand({ ...of, UploadId, PartNumber: 1, Body: "x" }));
  await s3.send(new AbortMultipartUploadCommand({ ...of, UploadId }));
  const late = new UploadPartCommand({ ...of, UploadId, PartNumber: 2, Body: "x" });
  await expect(s3.send(late)).rejects.toMatchObject({ name: "NoSuchUpload" });
  expect((await list()).keys).toEqual([]);
});

test("an operation that is not there is never taken for another one", async () => {
  const { s3 } = await useS3();
  const acl = new GetBucketAclCommand({ Bucket });
  await expect(s3.send(acl)).rejects.toThrow('The embedded S3 has no operation "bucket GET acl".');
});

test("a presigned URL and an unsigned request are served", async () => {
  const { aws, put } = await useS3();
  await put("a b", "content");
  const query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=acme%2F20261122%2Fus-east-1%2Fs3%2Faws4_request";
  const signed = await fetch(`${aws.url}/${Bucket}/a%20b?${query}&response-content-type=text%2Fhtml&x-id=GetObject`);
  expect([await signed.text(), signed.headers.get("content-type")]).toEqual(["content", "text/html"]);
  expect(await (await fetch(`${aws.url}/${Bucket}/a%20b`)).text()).toBe("content");
});

test("every put leads to one Object Created, in the shape of EventBridge", async () => {
  const clock = createClock();
  const { aws, s3, put, events } = await useS3({ now: clock.now, newId: () => "id-1" });
  await put("in/a b+%é.json", "{}");
  await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/in/a%20b%2B%25%C3%A9.json` }));
  const of = { Bucket, Key: "parts" };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(of));
  const { ETag } = await s3.send(new UploadPartCommand({ ...of, UploadId, PartNumber: 1, Body: "x" }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await s3.send(new CompleteMultipartUploadCommand({ ...of, UploadId, MultipartUpload }));
  await aws.events.idle();
  expect(events[0]).toEqual({
    version: "0",
    id: "id-1",
    "detail-type": "Object Created",
    source: "aws.s3",
    account: "111122223333",
    time: "2026-11-22T10:00:00Z",
    region: "us-east-1",
    resources: ["arn:aws:s3:::data"],
    detail: {
      version: "0",
      bucket: { name: "data" },
      object: { key: "in/a b+%é.json", size: 2, etag: md5("{}"), sequencer: expect.stringMatching(/^[0-9A-F]{16}$/) },
      "request-id": "id-1",
      requester: "111122223333",
      "source-ip-address": "127.0.0.1",
      reason: "PutObject",
    },
  });
  const details = events.map(
    (event) => (event as { detail: { reason: string; object: { sequencer: string } } }).detail,
  );
  expect(details.map(({ reason }) => reason)).toEqual(["PutObject", "CopyObject", "CompleteMultipartUpload"]);
  const sequencers = details.map(({ object }) => object.sequencer);
  expect([...new Set(sequencers)].sort()).toEqual(sequencers);
});

test("a delete leads to one Object Deleted, a refused put to nothing", async () => {
  const { aws, s3, put, events } = await useS3();
  await put("a");
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
  await expect(put("../b", "x")).rejects.toThrow();
  await aws.events.idle();
  expect(events).toMatchObject([
    { "detail-type": "Object Created" },
    {
      "detail-type": "Object Deleted",
      detail: { object: { key: "a" }, reason: "DeleteObject", "deletion-type": "Permanently Deleted" },
    },
  ]);
});

test("objects outlive the endpoint when their directory is given", async () => {
  const parent = await mkdtemp(join(tmpdir(), "sluice-test-"));
  onTestFinished(() => rm(parent, { recursive: true }));
  const directory = join(parent, "objects");
  const first = await useS3({ directory });
  await first.put("a", "content", { Metadata: { tenant: "acme" } });
  await first.aws.end();
  const { s3 } = await useAws({ directory });
  const answer = await s3.send(new GetObjectCommand({ Bucket, Key: "a" }));
  expect([await textOf(answer), answer.Metadata]).toEqual(["content", { tenant: "acme" }]);
});
