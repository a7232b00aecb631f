import { join, resolve, sep } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isBucketName, keySegments } from "#local/s3/object-key.ts";
import { S3Error } from "#local/s3/s3-error.ts";

test("keySegments() gives the parts of a key as they are", () => {
  expect(keySegments("in/a b+%2F.json")).toEqual(["in", "a b+%2F.json"]);
  expect(keySegments("...")).toEqual(["..."]);
  expect(keySegments("a..b/.hidden")).toEqual(["a..b", ".hidden"]);
  expect(keySegments("folder/")).toEqual(["folder"]);
});

test.each([
  ["../secret", '".." is not a name of a file'],
  ["a/../../secret", '".." is not a name of a file'],
  ["a/..", '".." is not a name of a file'],
  ["../", '".." is not a name of a file'],
  ["./a", '"." is not a name of a file'],
  ["/etc/passwd", "it starts with a slash or has two in a row"],
  ["a//b", "it starts with a slash or has two in a row"],
  ["/", "it starts with a slash or has two in a row"],
  ["a\0b", "it has a NUL character"],
  [`a/${"x".repeat(256)}`, "a part of it is longer than 255 bytes"],
  [`a/${"ü".repeat(128)}`, "a part of it is longer than 255 bytes"],
  ["", "An object key cannot be empty"],
  ["x/".repeat(513), "at most 1024 bytes"],
])("keySegments(%j) throws: %s", (key, message) => {
  expect(() => keySegments(key)).toThrow(S3Error);
  expect(() => keySegments(key)).toThrow(message);
});

test("keySegments() never leads out of the bucket", () => {
  const bucket = resolve("objects", "data");
  const part = fc.oneof(fc.string(), fc.constantFrom("..", ".", "", "/", "\\", "\0", "a"));
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      try {
        expect(join(bucket, ...keySegments(parts.join("/"))).startsWith(bucket + sep)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(S3Error);
      }
    }),
    { numRuns: 2000 },
  );
});

test("isBucketName() knows the names of buckets", () => {
  expect(["data", "acme-data.2026"].every(isBucketName)).toBe(true);
  expect(["..", "a", "Data", "-data", "da..ta", "da/ta", "data.metadata.", "x".repeat(64)].some(isBucketName)).toBe(
    false,
  );
});
