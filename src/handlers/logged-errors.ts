import type middy from "@middy/core";
import type { DoorServices } from "./door.ts";
import { errorRecord } from "./error-record.ts";

/** Logs what is thrown, and lets it through: Lambda delivers the event again, then hands it to where failed events go. */
export const loggedErrors = (door: string, { log }: Pick<DoorServices, "log">): middy.MiddlewareObj => ({
  // Nothing is returned: middy takes what is for the answer, and the error would be gone.
  onError: ({ error }) => {
    log.error("failed", { door, ...errorRecord(error) });
  },
});
