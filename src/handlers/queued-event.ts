import { type BusEvent, busEventOf } from "./event-delivery.ts";
import { unreadable, wantedAt } from "./unreadable.ts";

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    throw unreadable("message", [wantedAt([], "an EventBridge event as JSON")]);
  }
};

/** The event in a message of a queue that an EventBridge rule feeds. */
export const queuedEvent = (body: string): BusEvent => {
  const event = busEventOf(parsed(body));
  if (event === undefined) {
    throw unreadable("message", [wantedAt([], "an EventBridge event with id, source, detail-type and detail")]);
  }
  return event;
};
