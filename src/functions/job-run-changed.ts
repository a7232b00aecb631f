import { jobRunChangedHandler } from "#handlers/job-run-changed.ts";
import { doorServices } from "./door-services.ts";
import { inInvocation } from "./invocation.ts";

export const handler = inInvocation(jobRunChangedHandler(doorServices("job-run-changed")));
