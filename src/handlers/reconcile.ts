import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { sweep } from "#domain/sweep/sweep.ts";
import { refuseRemoved } from "#domain/turns/refuse-removed.ts";
import { repair } from "#domain/turns/repair.ts";
import { startExpired } from "#domain/turns/start-expired.ts";
import { settleUsage } from "#domain/usage/settle-usage.ts";
import type { DoorServices } from "./door.ts";
import { errorRecord } from "./error-record.ts";
import { logStarts } from "./log-starts.ts";
import { loggedErrors } from "./logged-errors.ts";

type Parts = Pick<DoorServices, "services" | "log">;

/** What is left of the function's time is for what is under way: an AWS call that is not answered takes 5 s, and is tried again. */
const reserveMs = 10_000;

/** The tenant up to which the last repair came: what a call has no time for is the next one's, as long as this instance lives. */
interface Place {
  after: string | undefined;
}

/** When nothing more is to be begun. */
const endOf = ({ services }: Parts, context: Context): string =>
  services.later(Math.max(0, context.getRemainingTimeInMillis() - reserveMs));

/** Starts whose caller died, or got no answer. */
const startAll = async ({ services, log }: Parts, until: string): Promise<void> => {
  const { startedAgain, ...starts } = await startExpired(services, until);
  logStarts({ log }, starts);
  tell({ log }, "repaired", { startedAgain });
};

/** What waits of tenants that are gone. */
const refuseAll = async ({ services, log }: Parts, until: string): Promise<void> => {
  const { failures, ...refused } = await refuseRemoved(services, until);
  for (const { submissionId, error } of failures) log.error("not refused", { submissionId, ...errorRecord(error) });
  tell({ log }, "tenant removed", refused);
};

/** Slots and counts, a page of tenants after the other. */
const repairAll = async ({ services, log }: Parts, until: string, place: Place): Promise<void> => {
  do {
    const { next, ...repaired } = await repair(services, until, place.after);
    tell({ log }, "repaired", repaired);
    place.after = next;
  } while (place.after !== undefined && services.now() < until);
};

/** Job runs without news, events that were not published, costs that came late. */
const sweepAll = async ({ services, log }: Parts, until: string): Promise<void> => {
  const { swept, failures } = await sweep(services, until);
  for (const { submissionId, error } of failures) log.error("look failed", { submissionId, ...errorRecord(error) });
  const { looks, ...found } = swept;
  log.metrics({ JobRunsAsked: looks, LooksFailed: failures.length });
  tell({ log }, "swept", found);
};

/** Sums what tenants used, and tells of budgets. */
const settleAllUsage = async ({ services, log }: Parts, until: string): Promise<void> => {
  const { failures, ...settled } = await settleUsage(services, until);
  for (const { tenantId, period, error } of failures)
    log.error("usage not settled", { tenantId, period, ...errorRecord(error) });
  if (settled.hours + settled.months > 0) log.info("usage", { ...settled });
};

/** A record and metrics of what was found, by kind: nothing where all was right. */
const tell = ({ log }: Pick<Parts, "log">, message: string, counts: object): void => {
  const found: [string, number][] = Object.entries(counts).filter(([, count]) => count > 0);
  if (found.length === 0) return;
  log.warn(message, Object.fromEntries(Object.entries(counts)));
  log.metrics(
    Object.fromEntries(found.map(([kind, count]) => [`${kind.charAt(0).toUpperCase()}${kind.slice(1)}`, count])),
  );
};

/**
 * Puts right, once a minute, what crashes left undone and events lost, says what it was, and sums what tenants used. All go
 * on beside each other: they wait for indexes and for tokens.
 */
export const reconcileHandler = (parts: Parts) => {
  const place: Place = { after: undefined };
  return middy<unknown, void>()
    .use(loggedErrors("reconcile", parts))
    .handler(async (_event, context: Context) => {
      const until = endOf(parts, context);
      const done = await Promise.allSettled([
        startAll(parts, until),
        refuseAll(parts, until),
        repairAll(parts, until, place),
        sweepAll(parts, until),
        settleAllUsage(parts, until),
      ]);
      const failed = done.filter((one) => one.status === "rejected").map(({ reason }): unknown => reason);
      for (const error of failed.slice(1)) parts.log.error("failed", { door: "reconcile", ...errorRecord(error) });
      if (failed.length > 0) throw failed[0];
    });
};
