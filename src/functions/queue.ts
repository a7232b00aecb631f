import { queueHandler } from "#handlers/queue.ts";
import { doorServices } from "./door-services.ts";
import { inInvocation } from "./invocation.ts";

export const handler = inInvocation(queueHandler(doorServices("queue")));
