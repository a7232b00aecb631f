import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isMissing } from "./metadata.ts";

export interface ListRequest {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  /** Only keys after this one. */
  readonly startAfter: string;
  /** The last key or common prefix of the page before. */
  readonly resumeAfter: string;
}

export interface ListPage {
  readonly keys: readonly string[];
  readonly commonPrefixes: readonly string[];
  /** The last key or common prefix of this page, if there is more. */
  readonly next: string | undefined;
}

/** S3 lists in the order of the UTF-8 bytes, which differs from that of JavaScript's strings. */
export const compareKeys = (left: string, right: string): number =>
  Buffer.compare(Buffer.from(left), Buffer.from(right));

/** One page out of all keys, which are sorted. */
export function pageOf(sortedKeys: readonly string[], request: ListRequest): ListPage {
  const { prefix, maxKeys } = request;
  const keys: string[] = [];
  const commonPrefixes: string[] = [];
  let last = "";
  for (const key of sortedKeys) {
    if (!key.startsWith(prefix) || isPast(key, request)) continue;
    const common = commonPrefixOf(key, request);
    const shown = common ?? key;
    if (shown === last) continue;
    if (keys.length + commonPrefixes.length >= maxKeys) return { keys, commonPrefixes, next: last || undefined };
    (common === undefined ? keys : commonPrefixes).push(shown);
    last = shown;
  }
  return { keys, commonPrefixes, next: undefined };
}

/** What it is rolled up under, if the delimiter is in it after the prefix. */
function commonPrefixOf(key: string, { prefix, delimiter }: ListRequest): string | undefined {
  const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

function isPast(key: string, { prefix, delimiter, startAfter, resumeAfter }: ListRequest): boolean {
  const isAfter = (mark: string) => mark === "" || compareKeys(key, mark) > 0;
  // A common prefix on the page before stands for all keys under it.
  const wasCommonPrefix = delimiter !== "" && resumeAfter.endsWith(delimiter) && resumeAfter.length > prefix.length;
  return !isAfter(startAfter) || !isAfter(resumeAfter) || (wasCommonPrefix && key.startsWith(resumeAfter));
}

/** All keys of a bucket that could start with the prefix, sorted: every file, and the folders that are markers. */
export async function readKeys(
  root: string,
  prefix: string,
  isMarker: (key: string) => Promise<boolean>,
): Promise<string[]> {
  const keys: string[] = [];
  async function walk(folder: string): Promise<void> {
    if (folder !== "" && (await isMarker(folder))) keys.push(folder);
    for (const entry of await entriesOf(join(root, folder))) {
      const key = folder + entry.name;
      if (entry.isFile()) keys.push(key);
      else if (entry.isDirectory() && overlaps(`${key}/`, prefix)) await walk(`${key}/`);
    }
  }
  await walk("");
  return keys.sort(compareKeys);
}

const overlaps = (folder: string, prefix: string): boolean => folder.startsWith(prefix) || prefix.startsWith(folder);

/** A directory may go while it is listed: a job that ends removes its temporary ones. */
async function entriesOf(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
