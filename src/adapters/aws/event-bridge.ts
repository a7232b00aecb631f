import { EventBridgeClient, type EventBridgeClientConfig, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { ServiceError } from "#domain/errors.ts";
import type { PublishedEvent } from "#domain/events/published-event.ts";
import { failureOf, nameOf } from "./aws-failure.ts";

export interface EventBus {
  put(event: PublishedEvent, busName: string): Promise<void>;
}

const failed = (event: PublishedEvent, busName: string, said: string, cause?: unknown): ServiceError => {
  const message = `Cannot publish event "${event.detail.id}" on bus "${busName}": ${said}: try again`;
  return new ServiceError("ERR_EVENTS_DOWN", message, { cause });
};

/** What the bus or we did wrong, where trying again or an operator helps. Anything else comes as it is. */
const isKnown = (error: unknown): boolean => failureOf(error) !== "other" || nameOf(error).startsWith("AccessDenied");

/** EventBridge: one event a call. PutEvents answers 200 for an entry that it did not take, and the SDK tries none again. */
export const openEventBridge = (config: EventBridgeClientConfig): EventBus => {
  const client = new EventBridgeClient(config);
  const send = async (event: PublishedEvent, busName: string) => {
    const entry = {
      EventBusName: busName,
      Source: event.detail.source,
      DetailType: event.detailType,
      Detail: JSON.stringify(event.detail),
      Resources: [...event.resources],
      Time: new Date(event.time),
    };
    try {
      return await client.send(new PutEventsCommand({ Entries: [entry] }));
    } catch (error) {
      if (!isKnown(error)) throw error;
      throw failed(event, busName, `EventBridge does not take it (${nameOf(error)})`, error);
    }
  };

  return {
    async put(event, busName) {
      const { FailedEntryCount = 0, Entries = [] } = await send(event, busName);
      if (FailedEntryCount === 0) return;
      const { ErrorCode = "no code", ErrorMessage = "no message" } = Entries[0] ?? {};
      throw failed(event, busName, `${ErrorCode}, ${ErrorMessage}`);
    },
  };
};
