import { ServiceError } from "#domain/errors.ts";
import type { Fault } from "#domain/fault.ts";
import type { Services } from "#domain/ports.ts";
import { parseJobRequest, refuseLarge } from "#domain/request/job-request.ts";
import { taskTokenOf } from "#domain/request/notify.ts";
import type { Delivery } from "#domain/submission/delivery.ts";
import type { Door } from "#domain/submission/submission.ts";
import { type ObjectRef, proveTenant, subjectOf, triggerOf } from "#domain/tenant/prove-tenant.ts";
import type { Proof } from "#domain/tenant/tenant-setup.ts";
import { requestOfSchedule, requestOfTrigger } from "#domain/tenant/triggered-request.ts";
import { unreadable, wantedAt } from "./unreadable.ts";

/** An EventBridge event's envelope, read field by field: its detail may be anything. */
export interface BusEvent {
  readonly id: string;
  readonly source: string;
  readonly detailType: string;
  readonly account: string;
  readonly time: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const text = (fields: Fields, name: string): string => {
  const value = fields[name];
  return typeof value === "string" ? value : "";
};

/** The event of a JSON value, where it is one. Ids of AWS services are not version 4 UUIDs: any text is taken. */
export const busEventOf = (value: unknown): BusEvent | undefined => {
  if (!isFields(value) || !("detail" in value)) return undefined;
  const [id, source, detailType] = [text(value, "id"), text(value, "source"), text(value, "detail-type")];
  if (id === "" || source === "" || detailType === "") return undefined;
  const resources: unknown[] = Array.isArray(value["resources"]) ? value["resources"] : [];
  return {
    id,
    source,
    detailType,
    account: text(value, "account"),
    time: text(value, "time"),
    resources: resources.filter((resource) => typeof resource === "string"),
    detail: value["detail"],
  };
};

/** How an event or a message came in: by which door, into which account, and for whom it can be at most. */
export interface Arrival {
  readonly services: Pick<Services, "tenants">;
  readonly door: Door;
  readonly accountId: string;
  /** Proofs that came with the transport, the queue's own and the sender: none may lead to another tenant. */
  readonly proofs: readonly Proof[];
}

/**
 * What a door has to do for a message: start these, or nothing for a reason that is fine. `failure` is what kept a part
 * of the message from being read: the door throws it once the deliveries are settled, so that the message comes again, or
 * goes into quarantine.
 */
export type Intake =
  | { readonly verdict: "deliveries"; readonly deliveries: readonly Delivery[]; readonly failure?: unknown }
  | { readonly verdict: "ignored"; readonly reason: string };

export const ignored = (reason: string): Intake => ({ verdict: "ignored", reason });

/**
 * The version that tells one upload of a key from the next: its version id, or the sequencer of an object without one.
 * A bucket whose versioning is suspended names all of them "null".
 */
export const objectVersion = (versionId: unknown, sequencer: unknown): string | undefined =>
  [versionId, sequencer].find((value) => typeof value === "string" && value !== "" && value !== "null") as
    | string
    | undefined;

/** What an uploaded object lacks, below where it is told of. */
export const objectFaults = (
  { bucket, key, version }: Partial<Record<keyof ObjectRef, unknown>>,
  path: readonly PropertyKey[],
): Fault[] => [
  ...(typeof bucket === "string" && bucket !== "" ? [] : [wantedAt([...path, "bucket", "name"], "the bucket's name")]),
  ...(typeof key === "string" && key !== "" ? [] : [wantedAt([...path, "object", "key"], "the object's key")]),
  ...(version === undefined ? [wantedAt([...path, "object"], "one with a version id or a sequencer")] : []),
];

/** The delivery of an uploaded object, where a tenant's trigger waits for it. */
export const objectDelivery = async (arrival: Arrival, object: ObjectRef): Promise<Delivery | undefined> => {
  const { tenants } = arrival.services;
  const found = await triggerOf(tenants, object);
  if (found === undefined) return undefined;
  const arrived = (await Promise.all(arrival.proofs.map(async (proof) => await tenants.provedBy(proof)))).flat();
  if (arrived.some(({ tenant }) => tenant.tenantId !== found.setup.tenant.tenantId)) {
    throw new ServiceError(
      "ERR_TENANT_UNKNOWN",
      `Cannot tell the tenant: the queue or the sender is not of the tenant of bucket "${object.bucket}"`,
    );
  }
  return {
    setup: found.setup,
    door: arrival.door,
    caller: `s3:${object.bucket}`,
    parsed: { verdict: "parsed", value: requestOfTrigger(found.trigger, object) },
    text: "",
    derived: true,
    fallback: { kind: "object", ...object },
  };
};

const objectOf = ({ detail }: BusEvent): ObjectRef => {
  const bucket = isFields(detail) && isFields(detail["bucket"]) ? text(detail["bucket"], "name") : "";
  const object = isFields(detail) && isFields(detail["object"]) ? detail["object"] : {};
  // The key is not encoded here, unlike in S3's own notifications.
  const [key, version] = [text(object, "key"), objectVersion(object["version-id"], object["sequencer"])];
  const faults = objectFaults({ bucket, key, version }, ["detail"]);
  if (version === undefined || faults.length > 0) throw unreadable("Object Created event", faults);
  return { bucket, key, version };
};

const fromObject = async (arrival: Arrival, event: BusEvent): Promise<Intake> => {
  if (event.detailType !== "Object Created") return ignored(`S3 event "${event.detailType}" starts nothing`);
  const delivery = await objectDelivery(arrival, objectOf(event));
  return delivery === undefined
    ? ignored("no tenant has a trigger for this object")
    : { verdict: "deliveries", deliveries: [delivery] };
};

/** A detail as text. The parser reads a document of any depth, but the writer of JSON runs out of stack. */
const textOf = (detail: unknown): string | undefined => {
  try {
    return JSON.stringify(detail);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

/** An event's detail as a job request, with its text: its size first, as at the other doors. */
const requested = (detail: unknown): Pick<Delivery, "parsed" | "text" | "taskToken"> => {
  const written = textOf(detail) ?? "";
  const tooLarge = refuseLarge(Buffer.byteLength(written));
  return {
    parsed: tooLarge === undefined ? parseJobRequest(detail) : { verdict: "refused", error: tooLarge },
    text: written,
    taskToken: taskTokenOf(detail),
  };
};

/** Scheduler's default detail is the text "{}", a scheduled rule's is the object {}. Text that is no JSON stays text. */
const scheduledDetail = (detail: unknown): unknown => {
  if (typeof detail !== "string") return detail;
  try {
    return JSON.parse(detail);
  } catch {
    return detail;
  }
};

const fromSchedule = async (arrival: Arrival, event: BusEvent): Promise<Intake> => {
  const [arn = ""] = event.resources;
  if (event.time === "") throw unreadable("event of the schedule", [wantedAt(["time"], "the time of the firing")]);
  const { tenants } = arrival.services;
  // The schedule alone proves whose it is; what else is known may only agree.
  await proveTenant(tenants, [`schedule#${arn}`]);
  const { setup } = await proveTenant(tenants, [`schedule#${arn}`, ...arrival.proofs]);
  const schedule = setup.tenant.schedules.find((listed) => listed.arn === arn);
  if (schedule === undefined)
    throw new Error(`Tenant ${setup.tenant.tenantId} is proved by schedule ${arn} but does not list it, this is a bug`);
  const detail = scheduledDetail(event.detail);
  const given = typeof detail === "string" || (isFields(detail) && Object.keys(detail).length > 0);
  const delivery: Delivery = {
    setup,
    door: arrival.door,
    caller: `schedule:${arn}`,
    ...(given
      ? requested(detail)
      : { parsed: { verdict: "parsed", value: requestOfSchedule(schedule) }, text: "", derived: true }),
    fallback: { kind: "schedule", arn, time: event.time },
  };
  return { verdict: "deliveries", deliveries: [delivery] };
};

/**
 * The tenant of a Submission Requested event. In our own account a reserved source proves it, because IAM's condition
 * events:source keeps others from putting it; another account may put any source, so there only the account counts.
 */
const requestedProofs = ({ account, source }: BusEvent, { accountId, proofs }: Arrival): Proof[] => [
  account === accountId ? `source#${source}` : `account#${account}`,
  ...proofs,
];

const fromRequest = async (arrival: Arrival, event: BusEvent): Promise<Intake> => {
  const { setup, proof } = await proveTenant(arrival.services.tenants, requestedProofs(event, arrival));
  const delivery: Delivery = {
    setup,
    door: arrival.door,
    caller: `${proof.slice(0, proof.indexOf("#"))}:${subjectOf(proof)}`,
    ...requested(event.detail),
    // EventBridge gave the event its id, unless the event stands in a message: then whoever sent that may have.
    fallback: { kind: arrival.door === "events" ? "delivery" : "enclosed", id: event.id },
  };
  return { verdict: "deliveries", deliveries: [delivery] };
};

const ofNoKind = ({ detailType, source }: BusEvent): ServiceError => {
  const message = `"${detailType}" of source "${source}" is of no kind that starts jobs`;
  return unreadable("event", [{ pointer: "/detail-type", message }]);
};

/** What an event asks for. An event of a kind that nobody sends here throws: it must not vanish. */
export const intakeOfEvent = async (arrival: Arrival, event: BusEvent): Promise<Intake> => {
  if (event.source === "aws.s3") return await fromObject(arrival, event);
  const scheduled = event.detailType === "Scheduled Event" && ["aws.scheduler", "aws.events"].includes(event.source);
  if (scheduled) return await fromSchedule(arrival, event);
  if (event.detailType === "Submission Requested" && !event.source.startsWith("aws."))
    return await fromRequest(arrival, event);
  throw ofNoKind(event);
};
