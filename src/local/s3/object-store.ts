import { randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import { link, mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { md5 } from "./checksums.ts";
import { createMetadata, isMissing, type Metadata, type ObjectDetails } from "./metadata.ts";
import { isBucketName, keySegments } from "./object-key.ts";
import { noSuchBucket, S3Error } from "./s3-error.ts";

export interface StoredObject extends ObjectDetails {
  readonly key: string;
  readonly size: number;
  readonly lastModified: Date;
}

export interface ObjectStoreOptions {
  /** Objects are plain files at `<directory>/<bucket>/<key>`: whoever reads or writes files there shares them. */
  readonly directory: string;
  /** Outside of `directory`, on the same file system: details of objects, and uploads until they are complete. */
  readonly metadataDirectory: string;
}

export type Bytes = Buffer | AsyncIterable<Buffer>;

const folderDetails: ObjectDetails = {
  etag: md5(Buffer.alloc(0)),
  contentType: "application/x-directory",
  headers: {},
  checksums: {},
};

/** Objects and buckets on disk. A put is seen whole or not at all: it is written aside and then renamed. */
export function createObjectStore({ directory, metadataDirectory }: ObjectStoreOptions) {
  const metadata = createMetadata(join(metadataDirectory, "objects"));
  const exclusively = createLock();
  const bucketPath = (bucket: string) => join(directory, bucket);
  const pathOf = (bucket: string, key: string) => join(directory, bucket, ...keySegments(key));
  const computedEtags = new Map<string, string>();

  async function statOf(path: string): Promise<Stats | undefined> {
    try {
      return await stat(path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
  const hasBucket = async (bucket: string) =>
    isBucketName(bucket) && ((await statOf(bucketPath(bucket)))?.isDirectory() ?? false);

  /** Of a file that came by other means than a put. */
  async function computeEtag(path: string, { size, mtimeMs }: Stats): Promise<string> {
    const version = `${path} ${size} ${mtimeMs}`;
    const etag = computedEtags.get(version) ?? md5(await readFile(path));
    computedEtags.set(version, etag);
    return etag;
  }

  async function head(bucket: string, key: string): Promise<StoredObject | undefined> {
    const path = pathOf(bucket, key);
    const file = await statOf(path);
    if (!file) return undefined;
    const lastModified = file.mtime;
    if (key.endsWith("/")) {
      const marker = file.isDirectory() ? await metadata.read(bucket, key) : undefined;
      return marker && { ...marker, key, size: 0, lastModified };
    }
    if (!file.isFile()) return undefined;
    const details = (await metadata.read(bucket, key, file)) ?? {
      etag: await computeEtag(path, file),
      contentType: "binary/octet-stream",
      headers: {},
      checksums: {},
    };
    return { ...details, key, size: file.size, lastModified };
  }

  async function commit(bucket: string, key: string, written: string, details: ObjectDetails, onlyIfAbsent: boolean) {
    const path = pathOf(bucket, key);
    try {
      await mkdir(dirname(path), { recursive: true });
      if ((await statOf(path))?.isDirectory()) throw clash(key);
      // A link fails where a file is, also one that another process has just made.
      if (onlyIfAbsent) await link(written, path);
      await metadata.write(bucket, key, details, await stat(written));
      if (!onlyIfAbsent) await rename(written, path);
    } catch (error) {
      throw translate(error, key);
    }
  }

  return {
    hasBucket,
    head,
    async createBucket(bucket: string): Promise<boolean> {
      if (!isBucketName(bucket))
        throw new S3Error("InvalidBucketName", `The specified bucket is not valid: "${bucket}".`);
      const made = await mkdir(bucketPath(bucket), { recursive: true });
      return made !== undefined;
    },
    async deleteBucket(bucket: string): Promise<void> {
      await rmdir(bucketPath(bucket)).catch((error: NodeJS.ErrnoException) => {
        throw error.code === "ENOTEMPTY"
          ? new S3Error("BucketNotEmpty", "The bucket you tried to delete is not empty.", 409)
          : error;
      });
      await metadata.removeBucket(bucket);
    },
    async listBuckets(): Promise<{ name: string; createdAt: Date }[]> {
      const entries = await readdir(directory, { withFileTypes: true });
      const names = entries
        .filter((entry) => entry.isDirectory() && isBucketName(entry.name))
        .map((entry) => entry.name);
      return Promise.all(
        names.sort().map(async (name) => ({ name, createdAt: (await stat(bucketPath(name))).birthtime })),
      );
    },

    async put(bucket: string, key: string, bytes: Bytes, details: ObjectDetails, onlyIfAbsent = false): Promise<void> {
      pathOf(bucket, key);
      if (!(await hasBucket(bucket))) throw noSuchBucket(bucket);
      if (key.endsWith("/")) return exclusively(() => putFolder(bucket, key, bytes, metadata, pathOf(bucket, key)));
      const written = join(metadataDirectory, "incoming", randomUUID());
      await mkdir(dirname(written), { recursive: true });
      try {
        await writeFile(written, bytes);
        await exclusively(() => commit(bucket, key, written, details, onlyIfAbsent));
      } finally {
        await rm(written, { force: true });
      }
    },

    read: (bucket: string, key: string): Promise<Buffer> =>
      key.endsWith("/") ? Promise.resolve(Buffer.alloc(0)) : readFile(pathOf(bucket, key)),

    /** Whether there was something to remove. Directories that it leaves empty go as well: S3 has none. */
    remove: (bucket: string, key: string): Promise<boolean> =>
      exclusively(async () => {
        if (!(await head(bucket, key))) return false;
        await metadata.remove(bucket, key);
        const path = pathOf(bucket, key);
        if (!key.endsWith("/")) await rm(path);
        await removeEmptyDirectories(bucket, key.endsWith("/") ? path : dirname(path));
        return true;
      }),

    isFolderMarker: async (bucket: string, key: string): Promise<boolean> =>
      (await metadata.read(bucket, key)) !== undefined,
  };

  async function removeEmptyDirectories(bucket: string, from: string): Promise<void> {
    for (let path = from; path !== bucketPath(bucket); path = dirname(path)) {
      const key = `${path.slice(bucketPath(bucket).length + 1).replaceAll("\\", "/")}/`;
      const entries = await readdir(path).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      });
      if (entries.length > 0 || (await metadata.read(bucket, key))) return;
      await rm(path, { recursive: true, force: true });
    }
  }
}

export type ObjectStore = ReturnType<typeof createObjectStore>;

async function putFolder(bucket: string, key: string, bytes: Bytes, metadata: Metadata, path: string): Promise<void> {
  if (!Buffer.isBuffer(bytes) || bytes.length > 0) {
    throw new S3Error(
      "InvalidArgument",
      `Cannot hold content under ${JSON.stringify(key)}: a key that ends in "/" is a folder here.`,
    );
  }
  await mkdir(path, { recursive: true }).catch((error: unknown) => {
    throw translate(error, key);
  });
  await metadata.write(bucket, key, folderDetails, { size: 0, mtimeMs: 0 });
}

function clash(key: string): S3Error {
  const message = `Cannot hold ${JSON.stringify(key)}: a file system has no file and folder of one name, and the other one is there.`;
  return new S3Error("InvalidArgument", message, 409);
}

function translate(error: unknown, key: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EEXIST" && error instanceof Error && "syscall" in error && error.syscall === "link") {
    return new S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
  }
  if (code === "ENOTDIR" || code === "EISDIR" || code === "EEXIST") return clash(key);
  if (code === "ENAMETOOLONG") return new S3Error("KeyTooLongError", "Your key is too long for this file system.");
  return error;
}

/** Runs one piece of work after the other. */
function createLock() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
