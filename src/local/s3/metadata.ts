import { createHash, randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What S3 keeps with an object and a file system has no place for. */
export interface ObjectDetails {
  readonly etag: string;
  readonly contentType: string;
  /** Headers to give back as they came: `x-amz-meta-*`, `cache-control`, … */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksums: Readonly<Record<string, string>>;
}

interface KeptDetails extends ObjectDetails {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  readonly mtimeMs: number;
}

type FileState = Pick<Stats, "size" | "mtimeMs">;

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");

/** Details of objects, kept outside of the tree of objects: one small file each, named by a digest of bucket and key. */
export function createMetadata(directory: string) {
  const fileOf = (bucket: string, key: string) =>
    join(directory, bucket, `${createHash("sha256").update(key).digest("hex")}.json`);

  return {
    async write(bucket: string, key: string, details: ObjectDetails, { size, mtimeMs }: FileState): Promise<void> {
      const kept: KeptDetails = { bucket, key, size, mtimeMs, ...details };
      const file = fileOf(bucket, key);
      await mkdir(dirname(file), { recursive: true });
      // Whole or not at all, also if the process is killed.
      const written = `${file}.${randomUUID()}`;
      await writeFile(written, JSON.stringify(kept));
      await rename(written, file);
    },

    /** `undefined` as well when the file was written by others since: its size or time differ. */
    async read(bucket: string, key: string, file?: FileState): Promise<ObjectDetails | undefined> {
      try {
        const kept: KeptDetails = JSON.parse(await readFile(fileOf(bucket, key), "utf8"));
        return file && (kept.size !== file.size || kept.mtimeMs !== file.mtimeMs) ? undefined : kept;
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },

    remove: (bucket: string, key: string): Promise<void> => rm(fileOf(bucket, key), { force: true }),
    removeBucket: (bucket: string): Promise<void> => rm(join(directory, bucket), { recursive: true, force: true }),
  };
}

export type Metadata = ReturnType<typeof createMetadata>;
