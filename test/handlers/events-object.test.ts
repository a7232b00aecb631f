import { describe, expect, test } from "vitest";
import { memoryTenants } from "#adapters/memory/memory-tenants.ts";
import { objectCreated, s3Notification, sqsEvent, upload } from "./aws-events.ts";
import { deliver, doors, occur, refusals, startedFor, startedWith } from "./doors.ts";
import { acme, sharedQueue } from "./tenants.ts";

describe("eventsHandler() starts the job of an uploaded object", () => {
  test("and takes its key as it is: it is not encoded here", async () => {
    const parts = doors();
    await occur(parts, objectCreated({ key: "acme/in/a+b%20c%zz.csv" }));
    expect(startedWith(parts)).toEqual([["--file", "s3://uploads/acme/in/a+b%20c%zz.csv"]]);
    expect(startedFor(parts)).toEqual(["acme"]);
  });

  test.each([
    [
      "a version id",
      [
        { versionId: "v1", sequencer: "01" },
        { versionId: "v1", sequencer: "02" },
        { versionId: "v1", sequencer: "03" },
        { versionId: "v2", sequencer: "03" },
      ],
    ],
    ["a sequencer", [{ sequencer: "01" }, { sequencer: "01" }, { sequencer: "02" }]],
    [
      "a sequencer behind the version id null",
      [
        { versionId: "null", sequencer: "01" },
        { versionId: "null", sequencer: "02" },
      ],
    ],
  ])("once for each %s", async (_name, versions) => {
    const parts = doors();
    for (const version of versions) await occur(parts, objectCreated({ ...upload, ...version }));
    expect(startedFor(parts)).toEqual(["acme", "acme"]);
  });

  test("once, although its trigger was edited between two events of the upload", async () => {
    const parts = doors();
    const [trigger, ...others] = acme.tenant.triggers;
    const edited = { ...acme.tenant, triggers: [{ ...trigger!, application: "main" }, ...others] };
    const later = doors({
      services: { ...parts.door.services, tenants: memoryTenants([{ ...acme, tenant: edited }]) },
    });
    await occur(parts, objectCreated(upload));
    await occur(later, objectCreated(upload));
    expect(startedFor(parts)).toEqual(["acme"]);
    expect(refusals(parts)).toEqual([]);
  });

  test("once by both routes, this door and a queue of S3 notifications", async () => {
    for (const version of [{ versionId: "v1", sequencer: "01" }, { sequencer: "01" }]) {
      const parts = doors({ config: { envelopeQueues: { [sharedQueue]: ["s3"] } } });
      const stored = { key: "acme/in/a b+c.csv", ...version };
      await occur(parts, objectCreated(stored));
      expect(await deliver(parts, sqsEvent({ body: s3Notification(stored), sender: "AIDAS3" }))).toEqual([]);
      expect(startedFor(parts)).toEqual(["acme"]);
    }
  });

  test.each([
    [
      "another S3 event",
      objectCreated(upload, { "detail-type": "Object Deleted" }),
      'S3 event "Object Deleted" starts nothing',
    ],
    [
      "an ACL's change",
      objectCreated(upload, { "detail-type": "Object ACL Updated" }),
      'S3 event "Object ACL Updated" starts nothing',
    ],
    ["a key beside the prefix", objectCreated({ key: "acme2/in/day.csv" }), "no tenant has a trigger for this object"],
    ["a key above the prefix", objectCreated({ key: "acme/in" }), "no tenant has a trigger for this object"],
    [
      "a key that goes around the prefix",
      objectCreated({ key: "globex/../acme/in/day.csv" }),
      "no tenant has a trigger for this object",
    ],
    ["another suffix", objectCreated({ key: "acme/in/day.csv.gz" }), "no tenant has a trigger for this object"],
    ["another bucket", objectCreated({ ...upload, bucket: "uploads.evil" }), "no tenant has a trigger for this object"],
  ])("and nothing for %s", async (_name, event, reason) => {
    const parts = doors();
    await occur(parts, event);
    expect(parts.submissions.all()).toEqual([]);
    expect(parts.log.records).toMatchObject([{ message: "ignored", door: "events", eventId: event["id"], reason }]);
  });

  test("and refuses a key that leads out of what the job template allows", async () => {
    const parts = doors();
    await occur(parts, objectCreated({ key: "acme/in/../../globex/day.csv" }));
    expect(refusals(parts)).toMatchObject([{ code: "ERR_JOB_NOT_ALLOWED", errors: [{ pointer: "/parameters/file" }] }]);
    expect(startedFor(parts)).toEqual([]);
  });

  const [bucket, key, version] = ["/detail/bucket/name", "/detail/object/key", "/detail/object"];

  test.each([
    [{ detail: {} }, [bucket, key, version]],
    [{ detail: { bucket: "uploads", object: { key: upload.key, sequencer: "01" } } }, [bucket]],
    [{ detail: { bucket: { name: "uploads" }, object: { key: upload.key } } }, [version]],
    [{ detail: null }, [bucket, key, version]],
  ])("and throws on one without its parts, with all that it lacks: %j", async (own, pointers) => {
    const error = await occur(doors(), objectCreated(upload, own)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "ERR_ENVELOPE_UNREADABLE",
      message: expect.stringContaining("Cannot read the Object Created event: "),
      faults: pointers.map((pointer) => ({ pointer })),
    });
  });
});
