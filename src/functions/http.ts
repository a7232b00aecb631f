import { httpHandler } from "#handlers/http.ts";
import { doorServices } from "./door-services.ts";

export const handler = httpHandler(doorServices("http"));
