import { reconcileHandler } from "#handlers/reconcile.ts";
import { doorServices } from "./door-services.ts";
import { inInvocation } from "./invocation.ts";

export const handler = inInvocation(reconcileHandler(doorServices("reconcile")));
