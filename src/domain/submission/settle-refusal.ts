import type { Services } from "#domain/ports.ts";
import { slotOf } from "#domain/turns/slot.ts";
import { unpublished } from "./outbox.ts";
import { publishOutbox } from "./publish-outbox.ts";
import type { Submission } from "./submission.ts";

/** What follows from a stored refusal, and may be repeated: the slot is free for whoever waits, and the refusal is published. */
export const settleRefusal = async (services: Services, refused: Submission): Promise<void> => {
  if (unpublished(refused.outbox).length === 0) return;
  // Without an input it was refused before it could have a slot.
  if (refused.input !== undefined) {
    await services.starts.leave(refused.tenantId, [slotOf(refused)]);
    await services.wake();
  }
  await publishOutbox(services, refused);
};
