import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chosenRequestId, type RequestKey, submissionIdOf } from "#domain/request/request-key.ts";

const digest = (text: string): string => createHash("sha256").update(text).digest("base64url");
const idOf = (tenantId: string, key: RequestKey): string => submissionIdOf(tenantId, key, digest);

const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("", ":", "1:a", "req.x", "a,b"));
const newId = fc.uuid();

const callersKey: fc.Arbitrary<RequestKey> = fc.oneof(
  fc.record({ kind: fc.constant("request" as const), requestId: text }),
  fc.record({ kind: fc.constant("object" as const), bucket: text, key: text, version: text }),
  fc.record({ kind: fc.constant("schedule" as const), arn: text, time: text }),
  fc.record({ kind: fc.constant("enclosed" as const), id: text }),
);
const deliveryKey: fc.Arbitrary<RequestKey> = fc.record({
  kind: fc.constant("delivery" as const),
  id: fc.oneof(text, newId, fc.stringMatching(/^(req|s3|sch|msg|new)\.[A-Za-z0-9_-]{43}$/)),
});
const noKey: fc.Arbitrary<RequestKey> = fc.record({ kind: fc.constant("none" as const), newId });
const anyKey = fc.oneof(callersKey, deliveryKey, noKey);
const tenantId = fc.stringMatching(/^[a-z0-9][a-z0-9-]{1,38}$/);

type Key<K extends RequestKey["kind"]> = Extract<RequestKey, { kind: K }>;

const object = (own: Partial<Key<"object">>): Key<"object"> => ({
  kind: "object",
  bucket: "in",
  key: "a.csv",
  version: "1",
  ...own,
});

const firing = (own: Partial<Key<"schedule">>): Key<"schedule"> => ({
  kind: "schedule",
  arn: "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/nightly",
  time: "2026-11-22T12:00:00Z",
  ...own,
});

describe("submissionIdOf()", () => {
  test("is always a client token that EMR Serverless takes", () => {
    fc.assert(
      fc.property(fc.oneof(tenantId, text), anyKey, (tenant, key) => {
        expect(idOf(tenant, key)).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
      }),
    );
  });

  test("gives the same id for the same key", () => {
    expect(idOf("acme", { kind: "request", requestId: "nightly-42" })).toBe(
      "req.5HaFQpd1k2eBp2e1KVgk5NNvBVEZUva80Yge_C8-gpQ",
    );
    fc.assert(fc.property(tenantId, anyKey, (tenant, key) => idOf(tenant, key) === idOf(tenant, structuredClone(key))));
  });

  test("never lets two tenants meet, whatever their callers choose", () => {
    fc.assert(
      fc.property(tenantId, tenantId, callersKey, callersKey, (one, other, key, otherKey) => {
        fc.pre(one !== other);
        expect(idOf(one, key)).not.toBe(idOf(other, key));
        expect(idOf(one, key)).not.toBe(idOf(other, otherKey));
      }),
    );
  });

  test("never lets two keys of one tenant meet, of one kind or of two", () => {
    fc.assert(
      fc.property(tenantId, anyKey, anyKey, (tenant, one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        expect(idOf(tenant, one)).not.toBe(idOf(tenant, other));
      }),
    );
  });

  test.each<[string, RequestKey, RequestKey]>([
    ["versions of an object", object({ version: "1" }), object({ version: "2" })],
    ["objects of a bucket", object({ key: "a" }), object({ key: "b" })],
    ["buckets", object({ bucket: "in" }), object({ bucket: "out" })],
    ["firings of a schedule", firing({ time: "10:00" }), firing({ time: "11:00" })],
    ["schedules", firing({ arn: "arn:a" }), firing({ arn: "arn:b" })],
  ])("tells two %s apart", (_what, one, other) => {
    expect(idOf("acme", one)).not.toBe(idOf("acme", other));
  });

  test("finds the same object again, whichever way its notification came", () => {
    const overQueue: RequestKey = object({ key: "in/a b.csv" });
    const overBus: RequestKey = { version: "1", key: "in/a b.csv", kind: "object", bucket: "in" };
    expect(idOf("acme", overQueue)).toBe(idOf("acme", overBus));
  });

  test("keeps parts apart that read the same when they are put together", () => {
    const idOfObject = (bucket: string, key: string): string => idOf("acme", object({ bucket, key }));
    expect(idOfObject("a", "bc")).not.toBe(idOfObject("ab", "c"));
    expect(idOfObject("a", "1:b")).not.toBe(idOfObject("a1:", "b"));
  });

  test.each([
    ["an SQS message id", "059f36b4-87a3-44ab-83d2-661975830a7d"],
    ["an EventBridge event id", "6a7e8feb-b491-4cf7-a9f1-bf3703467718"],
    ["an id at EMR Serverless's limit", "x".repeat(64)],
  ])("passes %s as it is", (_what, id) => {
    expect(idOf("acme", { kind: "delivery", id })).toBe(id);
  });

  test.each([
    ["is too long", "x".repeat(65)],
    ["has other characters", "a/b"],
    ["is empty", ""],
    ["reads like one that is derived", "req.1QgftZWnuMK_JXwsRfgZxJVjySBCg7ip7FwcHGXFMJE"],
  ])("hashes a delivery id that %s", (_why, id) => {
    expect(idOf("acme", { kind: "delivery", id })).toMatch(/^msg\.[A-Za-z0-9_-]{43}$/);
  });

  test("hashes an id that stands in a document with the tenant: who sends the document may have made it up", () => {
    const key = { kind: "enclosed", id: "059f36b4-87a3-44ab-83d2-661975830a7d" } as const;
    expect(idOf("acme", key)).toMatch(/^msg\.[A-Za-z0-9_-]{43}$/);
    expect(idOf("acme", key)).not.toBe(idOf("acme2", key));
  });

  test("marks a request without a key as new", () => {
    expect(idOf("acme", { kind: "none", newId: "6a7e8feb-b491" })).toBe("new.6a7e8feb-b491");
  });
});

describe("chosenRequestId()", () => {
  test.each([
    [undefined, undefined, {}],
    ["a", undefined, { requestId: "a" }],
    [undefined, "b", { requestId: "b" }],
    ["a", "a", { requestId: "a" }],
    ["a", "b", { clash: true }],
  ])("chosenRequestId(%j of the document, %j of the door) is %j", (fromDocument, fromDoor, chosen) => {
    expect(chosenRequestId(fromDocument, fromDoor)).toStrictEqual(chosen);
  });
});
