import { httpHandler } from "#handlers/http.ts";
import { doorServices } from "./door-services.ts";
import { inInvocation } from "./invocation.ts";

export const handler = inInvocation(httpHandler(doorServices("http")));
