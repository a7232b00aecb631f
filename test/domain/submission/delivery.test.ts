import { describe, expect, test } from "vitest";
import { parseJobRequest } from "#domain/request/job-request.ts";
import { type Delivery, fingerprintText, keyOf } from "#domain/submission/delivery.ts";
import { sampleSetup } from "#test/helpers/setup.ts";

const spark = { jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/acme/report.py" } } };
const schedule = { arn: "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/n", scheduledTime: "2026-11-22" };
const fallback = { kind: "delivery", id: "059f36b4" } as const;

const delivery = (document: object, own: Partial<Delivery> = {}): Delivery => ({
  setup: sampleSetup(),
  door: "queue",
  caller: "sender:AROA1:acme",
  parsed: parseJobRequest(document),
  text: JSON.stringify(document),
  fallback,
  ...own,
});

describe("keyOf()", () => {
  test.each([
    [
      "the document's request id",
      { ...spark, schedule, requestId: "a" },
      undefined,
      { kind: "request", requestId: "a" },
    ],
    ["the door's request id", { ...spark, schedule }, "b", { kind: "request", requestId: "b" }],
    ["both, where they are the same", { ...spark, requestId: "a" }, "a", { kind: "request", requestId: "a" }],
    [
      "the schedule that fired",
      { ...spark, schedule },
      undefined,
      { kind: "schedule", arn: schedule.arn, time: "2026-11-22" },
    ],
    ["what the door knows", spark, undefined, fallback],
    [
      "the door's request id of a wrong document",
      { colour: "red", requestId: "a" },
      "b",
      { kind: "request", requestId: "b" },
    ],
    ["what the door knows of a wrong document", { colour: "red", requestId: "a" }, undefined, fallback],
  ])("keyOf() takes %s", (_what, document, requestId, key) => {
    expect(keyOf(delivery(document, { requestId })).key).toStrictEqual(key);
  });

  test("keyOf() refuses two different request ids, under the key that the door knows", () => {
    expect(keyOf(delivery({ ...spark, requestId: "a" }, { requestId: "b" }))).toMatchObject({
      key: fallback,
      parsed: {
        verdict: "refused",
        error: {
          code: "ERR_JOB_REQUEST_INVALID",
          faults: [
            {
              pointer: "/requestId",
              message: 'must be the same as the door\'s own request id "b": current value is "a"',
            },
          ],
        },
      },
    });
  });
});

describe("fingerprintText()", () => {
  const fingerprint = (document: object): string => fingerprintText(delivery(document));

  test.each([
    ["the order of keys", { tags: { b: "2", a: "1" }, ...spark }, { ...spark, tags: { a: "1", b: "2" } }],
    ["the request id", { ...spark, requestId: "a" }, { ...spark, requestId: "b" }],
    ["the schema", { ...spark, $schema: "x.json" }, spark],
    ["the tenant, where it is the proven one", { ...spark, tenantId: "acme" }, spark],
  ])("fingerprintText() does not count %s", (_what, one, other) => {
    expect(fingerprint(one)).toBe(fingerprint(other));
  });

  test.each([
    ["what runs", { ...spark, name: "a" }, { ...spark, name: "b" }],
    [
      "the order of arguments",
      {
        jobTemplate: "n",
        configurationOverrides: { applicationConfiguration: [{ classification: "a" }, { classification: "b" }] },
      },
      {
        jobTemplate: "n",
        configurationOverrides: { applicationConfiguration: [{ classification: "b" }, { classification: "a" }] },
      },
    ],
    [
      "the type of a parameter",
      { jobTemplate: "n", parameters: { a: 1 } },
      { jobTemplate: "n", parameters: { a: "1" } },
    ],
    ["another tenant's id", { ...spark, tenantId: "globex" }, spark],
    ["the schedule", { ...spark, schedule }, spark],
  ])("fingerprintText() counts %s", (_what, one, other) => {
    expect(fingerprint(one)).not.toBe(fingerprint(other));
  });

  test("fingerprintText() counts nothing of a request made of the tenant's own file, which may be edited meanwhile", () => {
    const before = delivery({ jobTemplate: "nightly" }, { derived: true });
    const after = delivery({ jobTemplate: "hourly" }, { derived: true });
    expect(fingerprintText(before)).toBe(fingerprintText(after));
  });

  test("fingerprintText() takes a document that is no job request as it came", () => {
    expect(fingerprint({ colour: "red" })).toBe('{"colour":"red"}');
  });
});
