import { S3Error } from "./s3-error.ts";

/** Of a key in S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const maxKeyBytes = 1024;
/** Of a name in a directory: NAME_MAX of Linux's file systems and of APFS; NTFS holds as many UTF-16 units. */
const maxSegmentBytes = 255;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes("..");
}

/**
 * The parts of a key as names of directories and of a file. Objects are plain files here, so some keys that S3 takes
 * cannot be held: they get an error that says why, and none may lead out of its bucket.
 */
export function keySegments(key: string): string[] {
  if (key === "") throw new S3Error("InvalidArgument", "An object key cannot be empty.");
  if (Buffer.byteLength(key) > maxKeyBytes) {
    throw new S3Error("KeyTooLongError", `An object key is at most ${maxKeyBytes} bytes long.`);
  }
  const why = unholdable(key);
  if (why) {
    throw new S3Error("InvalidArgument", `Cannot hold the object key ${JSON.stringify(key)} in a file system: ${why}.`);
  }
  return key.split("/").filter((segment) => segment !== "");
}

function unholdable(key: string): string | undefined {
  if (key.includes("\0")) return "it has a NUL character";
  if (process.platform === "win32" && /[\\:*?"<>|]/.test(key))
    return "it has a character that Windows keeps for itself";
  // A key that ends in "/" is a folder marker of the S3 console and of some Hadoop clients.
  const segments = (key.endsWith("/") ? key.slice(0, -1) : key).split("/");
  for (const segment of segments) {
    if (segment === "") return "it starts with a slash or has two in a row";
    if (segment === "." || segment === "..") return `"${segment}" is not a name of a file`;
    if (Buffer.byteLength(segment) > maxSegmentBytes) return `a part of it is longer than ${maxSegmentBytes} bytes`;
  }
  return undefined;
}
