import { isPassing, ServiceError } from "#domain/errors.ts";
import type { Fault } from "#domain/fault.ts";
import type { Delivery } from "#domain/submission/delivery.ts";
import type { ObjectRef } from "#domain/tenant/prove-tenant.ts";
import {
  type Arrival,
  type Intake,
  ignored,
  isFields,
  objectDelivery,
  objectFaults,
  objectVersion,
} from "./event-delivery.ts";
import { isUnreadable, unreadable, wantedAt } from "./unreadable.ts";

const notification = "S3 notification";

const decodedKey = (key: unknown): string | undefined => {
  try {
    return typeof key === "string" ? decodeURIComponent(key.replaceAll("+", " ")) : undefined;
  } catch {
    return undefined;
  }
};

const isCreation = ({ eventSource, eventName }: Readonly<Record<string, unknown>>): boolean =>
  eventSource === "aws:s3" && typeof eventName === "string" && /^(s3:)?ObjectCreated:/.test(eventName);

/** The object of one record. Keys are form-encoded here; those of EventBridge events are not. */
const objectOfRecord = (record: unknown, index: number): ObjectRef | undefined => {
  if (!isFields(record) || !isCreation(record)) return undefined;
  const s3 = isFields(record["s3"]) ? record["s3"] : {};
  const bucket = isFields(s3["bucket"]) ? s3["bucket"]["name"] : undefined;
  const object = isFields(s3["object"]) ? s3["object"] : {};
  const version = objectVersion(object["versionId"], object["sequencer"]);
  const key = decodedKey(object["key"]);
  const path = ["Records", index, "s3"];
  const faults: Fault[] = objectFaults({ bucket, key: object["key"], version }, path);
  if (typeof object["key"] === "string" && key === undefined)
    faults.push(wantedAt([...path, "object", "key"], "form-encoded"));
  if (faults.length > 0 || typeof bucket !== "string" || key === undefined || version === undefined)
    throw unreadable(notification, faults);
  return { bucket, key, version };
};

/**
 * What keeps the records from being done that are not: what passes first, since the message comes again for it, then a
 * tenant that cannot be told, then what cannot be read.
 */
const failureOf = (errors: readonly unknown[], records: number): unknown => {
  const passing = errors.find(isPassing);
  if (passing !== undefined) return passing;
  const final = errors.filter((error) => error instanceof ServiceError);
  const unproven = final.filter((error) => !isUnreadable(error));
  const [first] = unproven;
  if (first === undefined)
    return unreadable(
      notification,
      final.flatMap(({ faults }) => faults),
    );
  if (unproven.length === 1) return first;
  const message = `Cannot take ${unproven.length} of ${records} records of the S3 notification: ${first.message}`;
  return new ServiceError(first.code, message);
};

/** Every object of a notification on its own: one that nobody can read, or tell the tenant of, holds up no other. */
export const intakeOfNotification = async (arrival: Arrival, records: unknown): Promise<Intake> => {
  const deliveries: Delivery[] = [];
  const errors: unknown[] = [];
  const listed: unknown[] = Array.isArray(records) ? records : [];
  for (const [index, record] of listed.entries()) {
    try {
      const object = objectOfRecord(record, index);
      const delivery = object === undefined ? undefined : await objectDelivery(arrival, object);
      if (delivery !== undefined) deliveries.push(delivery);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) return { verdict: "deliveries", deliveries, failure: failureOf(errors, listed.length) };
  if (deliveries.length === 0) return ignored("no tenant has a trigger for these objects");
  return { verdict: "deliveries", deliveries };
};
