import type { SQSRecord } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { memoryTenants } from "#adapters/memory/memory-tenants.ts";
import type { Tenants } from "#domain/ports.ts";
import { intakeOfRecord, type QueueContext } from "#handlers/message-delivery.ts";
import { s3Notification, s3Record, snsEnvelope, toInbox, toShared, upload } from "./aws-events.ts";
import { doors, ledgerDown, openDoors, ownAccount } from "./doors.ts";
import { acme, globex, ofGlobex, sharedQueue, uploads } from "./tenants.ts";

const intakeOf = async (body: unknown, services: QueueContext["services"] = openDoors().door.services) => {
  const [record] = toShared(body).Records;
  const envelopeQueues = { [sharedQueue]: ["s3", "sns", "eventbridge"] } as const;
  return await intakeOfRecord({ services, accountId: ownAccount, envelopeQueues }, record as unknown as SQSRecord);
};

/** On the queue of tenant globex, where nothing of another tenant has a place. */
const ofGlobexOnly = async (...records: unknown[]) => {
  const [record] = toInbox({ Records: records }, { queue: ofGlobex.inbox }).Records;
  const { services } = doors().door;
  return await intakeOfRecord({ services, accountId: ownAccount, envelopeQueues: {} }, record as unknown as SQSRecord);
};

/** A record whose key nobody can decode. */
const broken = (() => {
  const { s3, ...rest } = s3Record(upload);
  return { ...rest, s3: { ...s3, object: { ...s3.object, key: "acme/in/100%.csv" } } };
})();

const other = { key: "globex/in/day.csv" };
const [unreadable, unproven] = ["ERR_ENVELOPE_UNREADABLE", "ERR_TENANT_UNKNOWN"];
const keyOf = (index: number) => `/Records/${index}/s3/object/key`;

describe("an S3 notification with a record that cannot be read", () => {
  test.each([
    ["first", { Records: [broken, s3Record(upload), s3Record(other)] }, 0],
    ["in the middle", { Records: [s3Record(upload), broken, s3Record(other)] }, 1],
    ["last", snsEnvelope({ Records: [s3Record(upload), s3Record(other), broken] }), 2],
  ])("hands on all others, and says what is wrong with it: %s", async (_where, body, index) => {
    const intake = await intakeOf(body);
    if (intake.verdict !== "deliveries") throw new Error("nothing is delivered");
    expect(intake.deliveries.map(({ setup }) => setup.tenant.tenantId)).toEqual(["acme", "globex"]);
    expect(intake.failure).toMatchObject({
      code: unreadable,
      message: `Cannot read the S3 notification: ${keyOf(index)} must be form-encoded`,
      faults: [{ pointer: keyOf(index) }],
    });
  });

  test("says all that is wrong with all of them", async () => {
    const empty = { ...s3Record(upload), s3: {} };
    const intake = await intakeOf({ Records: [broken, s3Record(upload), empty] });
    const pointers = [keyOf(0), "/Records/2/s3/bucket/name", keyOf(2), "/Records/2/s3/object"];
    expect(intake).toMatchObject({ failure: { code: unreadable, faults: pointers.map((pointer) => ({ pointer })) } });
  });

  test("is not one where all can be read", async () => {
    expect(await intakeOf(s3Notification(upload, other))).not.toHaveProperty("failure");
  });
});

describe("an S3 notification with objects whose tenant cannot be told", () => {
  test("says so, of one and of several", async () => {
    expect(await ofGlobexOnly(s3Record(other), s3Record(upload))).toMatchObject({
      deliveries: [{ setup: globex }],
      failure: { code: unproven },
    });
    expect(await ofGlobexOnly(s3Record(upload), broken, s3Record(upload))).toMatchObject({
      deliveries: [],
      failure: {
        code: unproven,
        message: `Cannot take 2 of 3 records of the S3 notification: Cannot tell the tenant: the queue or the sender is not of the tenant of bucket "${uploads}"`,
      },
    });
  });

  test("comes again for what may pass, whatever else is wrong with it", async () => {
    const down = ledgerDown();
    const tenants = memoryTenants([acme, globex]);
    const provedBy: Tenants["provedBy"] = async (proof, fits) => {
      if (proof === `bucket#${uploads}`) throw down;
      return await tenants.provedBy(proof, fits);
    };
    const intake = await intakeOf({ Records: [broken, s3Record(upload)] }, { tenants: { ...tenants, provedBy } });
    expect(intake).toMatchObject({ failure: down });
  });
});
