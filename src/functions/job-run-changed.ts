import { jobRunChangedHandler } from "#handlers/job-run-changed.ts";
import { doorServices } from "./door-services.ts";

export const handler = jobRunChangedHandler(doorServices("job-run-changed"));
