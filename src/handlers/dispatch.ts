import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { dispatch } from "#domain/turns/dispatch.ts";
import type { DoorServices } from "./door.ts";
import { logStarts } from "./log-starts.ts";
import { loggedErrors } from "./logged-errors.ts";

type Parts = Pick<DoorServices, "services" | "log">;

/** What is left of a function's time is for the start that is under way, and for the answer. */
const reserveMs = 10_000;

/**
 * Gives turns to waiting submissions for as long as the function may run. Woken by a message when somebody begins to
 * wait or a slot is freed, and by a schedule at worst: what woke it says nothing, the ledger says who waits.
 */
export const dispatchHandler = ({ services, log }: Parts) =>
  middy<unknown, void>()
    .use(loggedErrors("dispatch", { log }))
    .handler(async (_event, context: Context) => {
      const until = services.later(Math.max(0, context.getRemainingTimeInMillis() - reserveMs));
      const { verdict, started, error, ...starts } = await dispatch(services, context.awsRequestId, until);
      logStarts({ log }, starts);
      log.info("dispatch", { verdict, started: started.length });
      if (verdict === "out-of-time") await services.wake();
      if (error !== undefined) throw error;
    });
