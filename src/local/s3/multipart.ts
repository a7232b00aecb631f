import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { md5 } from "./checksums.ts";
import { isMissing, type ObjectDetails } from "./metadata.ts";
import { S3Error } from "./s3-error.ts";

type UploadDetails = Omit<ObjectDetails, "etag" | "checksums">;

interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly details: UploadDetails;
}

export interface CompletedUpload {
  readonly details: ObjectDetails;
  readonly bytes: AsyncIterable<Buffer>;
}

/** Part numbers: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const maxPartNumber = 10_000;

const noSuchUpload = () =>
  new S3Error("NoSuchUpload", "The specified upload does not exist. It may have been aborted or completed.", 404);

/** Uploads in parts, each part a file of its own until the upload is complete or aborted. */
export function createMultipartUploads(directory: string, newId: () => string) {
  const pathOf = (uploadId: string) => {
    if (!/^[0-9a-zA-Z-]+$/.test(uploadId)) throw noSuchUpload();
    return join(directory, uploadId);
  };
  const partPath = (uploadId: string, part: number, etag: string) => join(pathOf(uploadId), `${part}.${etag}`);

  async function find(bucket: string, key: string, uploadId: string): Promise<Upload> {
    try {
      const upload: Upload = JSON.parse(await readFile(join(pathOf(uploadId), "upload.json"), "utf8"));
      if (upload.bucket !== bucket || upload.key !== key) throw noSuchUpload();
      return upload;
    } catch (error) {
      throw isMissing(error) ? noSuchUpload() : error;
    }
  }

  return {
    async create(bucket: string, key: string, details: UploadDetails): Promise<string> {
      const uploadId = newId();
      await mkdir(pathOf(uploadId), { recursive: true });
      await writeFile(join(pathOf(uploadId), "upload.json"), JSON.stringify({ bucket, key, details }));
      return uploadId;
    },

    /** Sent again, a part replaces the one before. */
    async putPart(bucket: string, key: string, uploadId: string, part: number, bytes: Buffer): Promise<string> {
      await find(bucket, key, uploadId);
      if (!Number.isInteger(part) || part < 1 || part > maxPartNumber) {
        throw new S3Error(
          "InvalidArgument",
          `Part number must be an integer between 1 and ${maxPartNumber}, inclusive`,
        );
      }
      const etag = md5(bytes);
      await writeFile(partPath(uploadId, part, etag), bytes);
      return etag;
    },

    /** The whole object. Its etag is the digest of the digests of the parts, a dash and their number, as AWS makes it. */
    async complete(
      bucket: string,
      key: string,
      uploadId: string,
      parts: readonly { part: number; etag: string }[],
    ): Promise<CompletedUpload> {
      const { details } = await find(bucket, key, uploadId);
      const there = new Set(await readdir(pathOf(uploadId)));
      if (parts.length === 0) throw new S3Error("MalformedXML", "You must specify at least one part");
      if (parts.some(({ part }, index) => index > 0 && part <= (parts[index - 1]?.part ?? 0))) {
        throw new S3Error("InvalidPartOrder", "The list of parts was not in ascending order.");
      }
      if (parts.some(({ part, etag }) => !there.has(`${part}.${etag}`))) {
        throw new S3Error("InvalidPart", "One or more of the specified parts could not be found.");
      }
      const digests = Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, "hex")));
      const bytes = concatenated(parts.map(({ part, etag }) => partPath(uploadId, part, etag)));
      return { details: { ...details, etag: `${md5(digests)}-${parts.length}`, checksums: {} }, bytes };
    },

    async remove(bucket: string, key: string, uploadId: string): Promise<void> {
      await find(bucket, key, uploadId);
      await rm(pathOf(uploadId), { recursive: true });
    },
  };
}

export type MultipartUploads = ReturnType<typeof createMultipartUploads>;

async function* concatenated(paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const path of paths) yield* createReadStream(path) as AsyncIterable<Buffer>;
}
