import type middy from "@middy/core";
import { type DoorServices, errorRecord } from "./door.ts";

/** Logs what is thrown, and lets it through: Lambda delivers the event again, then hands it to where failed events go. */
export const loggedErrors = (door: string, { log }: Pick<DoorServices, "log">): middy.MiddlewareObj => ({
  onError: ({ error }) => log.error("failed", { door, ...errorRecord(error) }),
});
