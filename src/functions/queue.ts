import { queueHandler } from "#handlers/queue.ts";
import { doorServices } from "./door-services.ts";

export const handler = queueHandler(doorServices("queue"));
