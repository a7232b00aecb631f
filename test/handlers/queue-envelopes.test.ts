import { describe, expect, test } from "vitest";
import type { Quarantine } from "#handlers/door.ts";
import {
  objectCreated,
  requestedEvent,
  s3Notification,
  s3TestEvent,
  scheduledEvent,
  snsEnvelope,
  toInbox,
  toShared,
  upload,
} from "./aws-events.ts";
import { deliver, doors, ledgerDown, openDoors, refusals, startedFor, startedWith } from "./doors.ts";
import { nightly } from "./http-events.ts";
import { ofAcme } from "./tenants.ts";

describe("queueHandler() opens an S3 notification", () => {
  test.each([
    ["acme/in/a b.csv", "a space"],
    ["acme/in/a@b+c%2Bd.csv", "signs that a form encodes"],
    ["acme/in/ü/日.csv", "letters of the world"],
  ])("and decodes the key %s, with %s", async (key) => {
    const parts = openDoors();
    expect(await deliver(parts, toShared(s3Notification({ key })))).toEqual([]);
    expect(startedWith(parts)).toEqual([["--file", `s3://uploads/${key}`]]);
    expect(parts.submissions.all()).toMatchObject([{ tenantId: "acme", door: "queue", caller: "s3:uploads" }]);
  });

  test("and starts one job for each of its objects, each of its own tenant", async () => {
    const parts = openDoors();
    const body = s3Notification(upload, { key: "globex/in/day.csv" }, { key: "acme/in/other.csv" });
    expect(await deliver(parts, toShared(body))).toEqual([]);
    expect(startedFor(parts)).toEqual(["acme", "globex", "acme"]);
    const ids = parts.submissions.all().map(({ submissionId }) => submissionId);
    expect(new Set(ids).size).toBe(3);
  });

  test.each([
    [
      "a delete",
      s3Notification({ ...upload, eventName: "ObjectRemoved:Delete" }),
      "no tenant has a trigger for these objects",
    ],
    [
      "an object without a trigger",
      s3Notification({ key: "acme/out/day.csv" }),
      "no tenant has a trigger for these objects",
    ],
    ["another bucket", s3Notification({ ...upload, bucket: "uploads2" }), "no tenant has a trigger for these objects"],
    ["the test event", s3TestEvent, "S3 test event"],
  ])("and acknowledges %s", async (_name, body, reason) => {
    const parts = openDoors();
    expect(await deliver(parts, toShared(body))).toEqual([]);
    expect(startedFor(parts)).toEqual([]);
    expect(parts.log.records).toMatchObject([{ message: "ignored", messageId: "m", reason }]);
  });

  test.each([{}, { eventName: { toString: 1 } }, { s3: null }, { s3: { bucket: 1, object: [] } }])(
    "and is not broken by a record like %j",
    async (own) => {
      const parts = openDoors();
      const [record] = s3Notification(upload).Records;
      const { s3, ...rest } = record ?? { s3: {} };
      const body = { Records: [{ ...rest, ...(Object.keys(own).length > 0 && { s3 }), ...own }] };
      expect([[], ["m"]]).toContainEqual(await deliver(parts, toShared(body)));
      expect(startedFor(parts)).toEqual([]);
    },
  );

  test("twice and starts once; a new version of the key starts again", async () => {
    const parts = openDoors();
    for (const sequencer of ["01", "01", "02"])
      await deliver(parts, toShared(s3Notification({ ...upload, sequencer })));
    expect(startedFor(parts)).toEqual(["acme", "acme"]);
  });

  test.each(["null", ""])(
    'and goes by the sequencer where the version id is "%s", which all versions share',
    async (versionId) => {
      const parts = openDoors();
      for (const sequencer of ["01", "02"])
        await deliver(parts, toShared(s3Notification({ ...upload, versionId, sequencer })));
      expect(startedFor(parts)).toEqual(["acme", "acme"]);
    },
  );
});

describe("queueHandler() opens an SNS notification", () => {
  test("around a job request, on the tenant's own queue", async () => {
    const parts = doors();
    const attribute = { MessageAttributes: { requestId: { Type: "String", Value: "n-19" } } };
    expect(await deliver(parts, toInbox(snsEnvelope(nightly, attribute)))).toEqual([]);
    expect(parts.submissions.all()).toMatchObject([{ tenantId: "acme", requestId: "n-19", caller: ofAcme.inbox }]);
  });

  test("around an S3 notification and around S3's test event", async () => {
    const parts = openDoors();
    expect(await deliver(parts, toShared(snsEnvelope(s3Notification(upload))))).toEqual([]);
    expect(await deliver(parts, toShared(snsEnvelope(s3TestEvent)))).toEqual([]);
    expect(startedWith(parts)).toEqual([["--file", "s3://uploads/acme/in/day.csv"]]);
  });

  test("and knows it again by SNS's own id, in whichever message it comes", async () => {
    const parts = doors();
    await deliver(parts, toInbox(snsEnvelope(nightly), { messageId: "m1" }));
    await deliver(parts, toInbox(snsEnvelope(nightly), { messageId: "m2" }));
    expect(startedFor(parts)).toEqual(["acme"]);
  });

  test("but not one in another", async () => {
    const parts = doors();
    expect(await deliver(parts, toInbox(snsEnvelope(snsEnvelope(nightly))))).toEqual([]);
    expect(refusals(parts)).toMatchObject([{ code: "ERR_ENVELOPE_NOT_ALLOWED" }]);
  });

  test("and reads a raw one as the job request that it is", async () => {
    const parts = doors();
    expect(await deliver(parts, toInbox(nightly))).toEqual([]);
    expect(await deliver(parts, toInbox("this is a raw message", { messageId: "n" }))).toEqual([]);
    expect(startedFor(parts)).toEqual(["acme"]);
    expect(refusals(parts)).toMatchObject([{ detail: "Cannot read the job request: the body must be JSON" }]);
  });
});

describe("queueHandler() opens an EventBridge event", () => {
  test.each([
    ["a request of the tenant's source", requestedEvent(nightly), [["--date", "2026-11-19"]]],
    [
      "an uploaded object",
      objectCreated({ key: "acme/in/a+b%20c.csv" }),
      [["--file", "s3://uploads/acme/in/a+b%20c.csv"]],
    ],
    ["a schedule", scheduledEvent(ofAcme.schedule), [["--date", "2026-11-20"]]],
  ])("with %s", async (_name, body, started) => {
    for (const [parts, event] of [
      [openDoors(), toShared(body)],
      [doors(), toInbox(body)],
    ] as const) {
      expect(await deliver(parts, event)).toEqual([]);
      expect(startedFor(parts)).toEqual(["acme"]);
      expect(startedWith(parts)).toEqual(started);
    }
  });
});

describe("queueHandler() refuses an envelope that nobody can read, which no time mends", () => {
  const broken = JSON.parse(JSON.stringify(s3Notification(upload)).replace("acme/in/day.csv", "acme/in/100%.csv"));
  const change = { source: "aws.emr-serverless", "detail-type": "EMR Serverless Job Run State Change" };
  const envelopes: readonly [string, unknown, string][] = [
    ["a key that is not form-encoded", broken, "/Records/0/s3/object/key"],
    ["an SNS notification without its id", snsEnvelope(nightly, { MessageId: 1 }), "/MessageId"],
    ["an S3 notification like that in an SNS notification", snsEnvelope(broken), "/Records/0/s3/object/key"],
    ["an upload without its object", objectCreated(upload, { detail: {} }), "/detail/bucket/name"],
    ["an event that starts nothing", requestedEvent({}, change), "/detail-type"],
  ];

  test.each(envelopes)("%s: in the name of the queue's tenant", async (_what, body, pointer) => {
    const parts = doors();
    expect(await deliver(parts, toInbox(body))).toEqual([]);
    expect(parts.submissions.all()).toMatchObject([{ submissionId: "m", tenantId: "acme", state: "refused" }]);
    expect(JSON.stringify(refusals(parts))).toContain(`"pointer":"${pointer}"`);
    expect(refusals(parts)).toMatchObject([{ code: "ERR_ENVELOPE_UNREADABLE" }]);
    expect(startedFor(parts)).toEqual([]);
  });

  test.each(envelopes)("%s: of an unknown sender, into quarantine", async (_what, body) => {
    const kept: string[] = [];
    const quarantine: Quarantine = async (_record, reason) => void kept.push(reason);
    const parts = openDoors({ quarantine });
    expect(await deliver(parts, toShared(body))).toEqual([]);
    expect(kept).toEqual([expect.stringMatching(/^ERR_ENVELOPE_UNREADABLE: Cannot read the /)]);
    expect(parts.submissions.all()).toEqual([]);
  });

  test("beside objects that can be read: those start, once", async () => {
    const parts = doors();
    const body = { Records: [...broken.Records, ...s3Notification({ key: "acme/in/other.csv" }).Records] };
    for (const _time of ["first", "again"]) expect(await deliver(parts, toInbox(body))).toEqual([]);
    expect(startedWith(parts)).toEqual([["--file", "s3://uploads/acme/in/other.csv"]]);
    expect(refusals(parts)).toHaveLength(1);
  });

  test("not before the tenants can be told", async () => {
    const { provedBy, ...tenants } = doors().door.services.tenants;
    const failing: typeof provedBy = async (proof, fits) =>
      proof.startsWith("caller#") ? await Promise.reject(ledgerDown()) : await provedBy(proof, fits);
    const parts = doors({ services: { tenants: { ...tenants, provedBy: failing } } });
    expect(await deliver(parts, toInbox(broken))).toEqual(["m"]);
    expect(parts.submissions.all()).toEqual([]);
  });
});
