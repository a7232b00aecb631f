import { dispatchHandler } from "#handlers/dispatch.ts";
import { doorServices } from "./door-services.ts";
import { inInvocation } from "./invocation.ts";

export const handler = inInvocation(dispatchHandler(doorServices("dispatch")));
