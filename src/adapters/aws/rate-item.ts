import type { Bucket, Taker } from "#domain/turns/bucket.ts";
import { intervalMs, type LimitedApi, roundingMs } from "#domain/turns/token-bucket.ts";
import type { Item, ItemChange } from "./ledger-items.ts";
import { present } from "./present.ts";

/** The bucket of an API is one item. */
export const rateKey = (api: LimitedApi): Item => ({ pk: { S: `rate#${api}` }, sk: { S: "rate" } });

export const bucketOf = (item: Item | undefined): Bucket =>
  present({
    fullAt: Number(item?.["fullAt"]?.N ?? 0),
    heldUntil: item?.["heldUntil"]?.S ?? "",
    suspended: item?.["suspended"]?.S,
  });

export interface Taking extends Taker {
  readonly api: LimitedApi;
}

const notHeld = "(attribute_not_exists(heldUntil) OR heldUntil <= :now)";

const takeChange = (taking: Taking, update: string, when: string, values: Item): ItemChange => {
  const conditions = [when, "attribute_not_exists(suspended)", ...(taking.by === "door" ? [notHeld] : [])];
  return {
    key: rateKey(taking.api),
    task: `take tokens for ${taking.api}`,
    update,
    when: conditions.join(" AND "),
    values: { ...values, ...(taking.by === "door" && { ":now": { S: taking.now } }) },
  };
};

/** Takes tokens of a bucket that is full: max(fullAt, now) is now. */
export const takeOfFull = (taking: Taking, wanted: number): ItemChange =>
  takeChange(taking, "SET fullAt = :next", "(attribute_not_exists(fullAt) OR fullAt <= :at)", {
    ":at": { N: String(taking.at) },
    ":next": { N: String(taking.at + wanted * intervalMs(taking.rate)) },
  });

/** Takes tokens of a bucket that some are missing from: max(fullAt, now) is fullAt. */
export const takeOfRest = (taking: Taking, wanted: number): ItemChange => {
  const interval = intervalMs(taking.rate);
  return takeChange(taking, "SET fullAt = fullAt + :step", "fullAt > :at AND fullAt <= :latest", {
    ":at": { N: String(taking.at) },
    ":step": { N: String(wanted * interval) },
    // As much slack as `tokensAt` has.
    ":latest": { N: String(taking.at + (taking.rate.burst - wanted) * interval + roundingMs) },
  });
};

export const returnChange = (api: LimitedApi, milliseconds: number): ItemChange => ({
  key: rateKey(api),
  task: `give back tokens of ${api}`,
  update: "ADD fullAt :back",
  when: "attribute_exists(fullAt)",
  values: { ":back": { N: String(-milliseconds) } },
});

export const holdChange = (until: string): ItemChange => ({
  key: rateKey("StartJobRun"),
  task: "hold the tokens for StartJobRun",
  update: "SET heldUntil = :until",
  when: "attribute_not_exists(heldUntil) OR heldUntil < :until",
  values: { ":until": { S: until } },
});

export const emptyChange = (api: LimitedApi, fullAt: number): ItemChange => ({
  key: rateKey(api),
  task: `empty the bucket of ${api}`,
  update: "SET fullAt = :fullAt",
  when: "attribute_not_exists(fullAt) OR fullAt < :fullAt",
  values: { ":fullAt": { N: String(fullAt) } },
});

export const suspensionChange = (message: string | undefined): ItemChange => ({
  key: rateKey("StartJobRun"),
  task: "write whether starts are suspended",
  ...(message === undefined
    ? { update: "REMOVE suspended", when: "attribute_exists(pk)" }
    : { update: "SET suspended = :message", values: { ":message": { S: message } } }),
});
