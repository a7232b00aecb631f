import { ServiceError } from "#domain/errors.ts";
import { faultAt, pointerOf } from "#domain/fault.ts";
import type { JobRequest, Parsed } from "#domain/request/job-request.ts";
import { textWithout } from "#domain/request/notify.ts";
import { chosenRequestId, type Digest, type RequestKey } from "#domain/request/request-key.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import type { Door } from "./submission.ts";

/** One job request as a door hands it in: whose it is, as AWS proved it, and what makes it the same when it comes again. */
export interface Delivery {
  readonly setup: TenantSetup;
  readonly door: Door;
  readonly caller: string;
  readonly parsed: Parsed<JobRequest>;
  /** The text as it came: the fingerprint of a job request that cannot be parsed. */
  readonly text: string;
  /** The token of the Step Functions task that waits, also where the document is no job request. */
  readonly taskToken?: string | undefined;
  /** The request id that the door's own field gave: Idempotency-Key, or the message attribute requestId. */
  readonly requestId?: string | undefined;
  /** The job request was made of the tenant's own file (a trigger, a schedule): the key alone says which one it is. */
  readonly derived?: boolean;
  /** The key where neither the document nor the door gives a request id. */
  readonly fallback: RequestKey;
}

interface Keyed {
  readonly key: RequestKey;
  readonly requestId?: string;
  readonly parsed: Parsed<JobRequest>;
}

/** The key of a delivery: the caller's request id first, then the schedule that fired, then what the door knows. */
export const keyOf = ({ parsed, requestId: fromDoor, fallback }: Delivery): Keyed => {
  if (parsed.verdict === "refused") {
    return fromDoor === undefined
      ? { key: fallback, parsed }
      : { key: { kind: "request", requestId: fromDoor }, requestId: fromDoor, parsed };
  }
  const { requestId, clash } = chosenRequestId(parsed.value.requestId, fromDoor);
  if (clash) {
    const fault = faultAt(["requestId"], parsed.value.requestId, `the same as the door's own request id "${fromDoor}"`);
    const message = "Cannot submit the job request: it gives two different request ids";
    const error = new ServiceError("ERR_JOB_REQUEST_INVALID", message, { faults: [fault] });
    return { key: fallback, parsed: { verdict: "refused", error } };
  }
  if (requestId !== undefined) return { key: { kind: "request", requestId }, requestId, parsed };
  const { schedule } = parsed.value;
  if (schedule !== undefined)
    return { key: { kind: "schedule", arn: schedule.arn, time: schedule.scheduledTime }, parsed };
  return { key: fallback, parsed };
};

/** A JSON value as text that does not depend on the order of its keys. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );

/**
 * What tells two job requests under one key apart; how they were addressed, and who waits for them, does not count. A
 * tenant id counts where it is wrong: taking it out makes another request of it, which may take the place of the refused
 * one.
 */
export const fingerprintText = (delivery: Delivery): string => {
  const { parsed, text, derived, taskToken } = delivery;
  // The file may be edited between two deliveries of one upload, which stay the same request.
  if (derived === true) return "derived";
  return parsed.verdict === "refused" ? textWithout(text, taskToken) : canonicalJson(jobOf(delivery, parsed.value));
};

const jobOf = (
  { setup }: Pick<Delivery, "setup">,
  { $schema: _schema, requestId: _requestId, notify: _notify, tenantId, ...job }: JobRequest,
): object => (tenantId !== undefined && tenantId !== setup.tenant.tenantId ? { ...job, tenantId } : job);

/** What is looked at to name a field, as deep as so many names; of a request with more values, the first names only. */
const deepest = 3;
const mostFields = 32;
/** 48 bits. */
const digestLength = 8;

const fieldsOf = (value: unknown, depth: number, path: readonly string[] = []): [pointer: string, value: unknown][] => {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const inner = depth > 0 && isObject ? Object.entries(value) : [];
  if (inner.length === 0) return [[pointerOf(path), value]];
  return inner.flatMap(([name, one]) => fieldsOf(one, depth - 1, [...path, name]));
};

/** Short digests of what the fingerprint is made of, value by value, where the caller wrote a job request. */
export const fieldDigestsOf = (delivery: Delivery, digest: Digest): Readonly<Record<string, string>> | undefined => {
  if (delivery.derived === true || delivery.parsed.verdict === "refused") return undefined;
  const job = jobOf(delivery, delivery.parsed.value);
  const all = fieldsOf(job, deepest);
  const fields = all.length > mostFields ? fieldsOf(job, 1) : all;
  return Object.fromEntries(
    fields.map(([pointer, value]) => [pointer, digest(canonicalJson(value)).slice(0, digestLength)]),
  );
};
