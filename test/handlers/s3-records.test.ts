import type { SQSRecord } from "aws-lambda";
import { describe, expect, test } from "vitest";
import type { Intake } from "#handlers/event-delivery.ts";
import { intakeOfRecord } from "#handlers/message-delivery.ts";
import { s3Notification, s3Record, snsEnvelope, toShared, upload } from "./aws-events.ts";
import { openDoors, ownAccount } from "./doors.ts";
import { sharedQueue } from "./tenants.ts";

const intakeOf = async (body: unknown): Promise<Intake> => {
  const { services } = openDoors().door;
  const [record] = toShared(body).Records;
  const envelopeQueues = { [sharedQueue]: ["s3", "sns", "eventbridge"] } as const;
  return await intakeOfRecord({ services, accountId: ownAccount, envelopeQueues }, record as unknown as SQSRecord);
};

/** A record whose key nobody can decode. */
const broken = (() => {
  const { s3, ...rest } = s3Record(upload);
  return { ...rest, s3: { ...s3, object: { ...s3.object, key: "acme/in/100%.csv" } } };
})();

const other = { key: "globex/in/day.csv" };
const reason = "Cannot read the S3 notification: the object key is not form-encoded";

describe("an S3 notification with a record that cannot be read", () => {
  test.each([
    ["first", { Records: [broken, s3Record(upload), s3Record(other)] }],
    ["in the middle", { Records: [s3Record(upload), broken, s3Record(other)] }],
    ["last", snsEnvelope({ Records: [s3Record(upload), s3Record(other), broken] })],
  ])("hands on all others, and reports it: %s", async (_where, body) => {
    const intake = await intakeOf(body);
    if (intake.verdict !== "deliveries") throw new Error("nothing is delivered");
    expect(intake.deliveries.map(({ setup }) => setup.tenant.tenantId)).toEqual(["acme", "globex"]);
    expect(intake.failure).toEqual(new Error(reason));
  });

  test("reports several together, with their number", async () => {
    const intake = await intakeOf({ Records: [broken, s3Record(upload), broken] });
    expect(intake).toMatchObject({
      failure: {
        message: `Cannot take 2 of 3 records of the S3 notification: ${reason}`,
        errors: [new Error(reason), new Error(reason)],
      },
    });
  });

  test("throws where there is nothing else to start", async () => {
    await expect(intakeOf({ Records: [broken] })).rejects.toThrow(reason);
    await expect(intakeOf({ Records: [broken, s3Record({ key: "nobody/waits" })] })).rejects.toThrow(reason);
  });

  test("is not one where all can be read", async () => {
    expect(await intakeOf(s3Notification(upload, other))).not.toHaveProperty("failure");
  });
});
