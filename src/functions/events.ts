import { eventsHandler } from "#handlers/events.ts";
import { doorServices } from "./door-services.ts";
import { inInvocation } from "./invocation.ts";

export const handler = inInvocation(eventsHandler(doorServices("events")));
