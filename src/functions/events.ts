import { eventsHandler } from "#handlers/events.ts";
import { doorServices } from "./door-services.ts";

export const handler = eventsHandler(doorServices("events"));
