import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { S3Error } from "./s3-error.ts";

export type Checksums = Readonly<Record<string, string>>;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
const algorithms = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"] as const;

export const md5 = (bytes: Buffer): string => createHash("md5").update(bytes).digest("hex");

/** The checksums that came with an upload, by header name; those that Node can compute must be right. */
export function checkedChecksums(headers: Readonly<Record<string, string>>, bytes: Buffer): Checksums {
  const checksums: Record<string, string> = {};
  for (const algorithm of algorithms) {
    const name = `x-amz-checksum-${algorithm}`;
    const given = headers[name];
    if (given === undefined) continue;
    const computed = compute(algorithm, bytes);
    if (computed !== undefined && computed !== given) {
      throw new S3Error("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
    }
    checksums[name] = given;
  }
  const contentMd5 = headers["content-md5"];
  if (contentMd5 !== undefined && contentMd5 !== createHash("md5").update(bytes).digest("base64")) {
    throw new S3Error("BadDigest", "The Content-MD5 you specified did not match what we received.");
  }
  return checksums;
}

function compute(algorithm: (typeof algorithms)[number], bytes: Buffer): string | undefined {
  if (algorithm === "sha1" || algorithm === "sha256") return createHash(algorithm).update(bytes).digest("base64");
  if (algorithm !== "crc32") return undefined;
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString("base64");
}
