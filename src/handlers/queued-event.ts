import { type BusEvent, busEventOf } from "./event-delivery.ts";

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    throw new Error("Cannot read the message: its body must be an EventBridge event as JSON");
  }
};

/** The event in a message of a queue that an EventBridge rule feeds. */
export const queuedEvent = (body: string): BusEvent => {
  const event = busEventOf(parsed(body));
  if (event === undefined) throw new Error("Cannot read the event: an EventBridge event is wanted");
  return event;
};
