import { AsyncLocalStorage } from "node:async_hooks";
import type { Context } from "aws-lambda";
import type { LogRecord } from "#handlers/door.ts";

const current = new AsyncLocalStorage<LogRecord>();

/** Ids of the invocation that the calling code runs in: they join its log lines with each other and with Lambda's own. */
export const invocationIds = (): LogRecord => current.getStore() ?? {};

/** The handler, all of whose log lines carry the id of their invocation. */
export const inInvocation =
  <Event, Answer>(handler: (event: Event, context: Context) => Promise<Answer>) =>
  async (event: Event, context: Context): Promise<Answer> =>
    await current.run({ awsRequestId: context.awsRequestId }, async () => await handler(event, context));
