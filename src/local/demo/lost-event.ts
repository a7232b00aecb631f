import { setTimeout as pause } from "node:timers/promises";
import type { AwsEvent } from "#local/events/event.ts";
import type { Local } from "#local/runtime/start.ts";
import { post } from "./clients.ts";
import { check, completionLines, tell } from "./tell.ts";
import type { Watch } from "./watch.ts";

/** A sweep looks at a job run that had no news for a second; the simulated job takes less than these together. */
const mostSweeps = 60;
const betweenMs = 250;

/** EMR Serverless tells nothing of this job: the reconciler, which a schedule would call, finds its end. */
export const losesEvents = async ({ local, seen }: { local: Local; seen: Watch }): Promise<AwsEvent> => {
  local.emr.faults.eventChances({ lose: 1 });
  try {
    const jobDriver = { sparkSubmit: { entryPoint: "s3://acme-jobs/hello.py" } };
    const { answer } = await post(local, "acme", { name: "unheard", jobDriver });
    const { submissionId, jobRunId } = answer;
    const told = (): AwsEvent | undefined => seen.eventsOf(String(submissionId))[0];
    for (let sweeps = 0; told() === undefined && sweeps < mostSweeps; sweeps += 1) {
      await local.functions.reconcile({ source: "aws.scheduler" });
      await pause(betweenMs);
    }
    const event = told();
    if (event === undefined) throw new Error("The sweep did not find the end of the job whose events were lost");
    tell("EMR Serverless's events of a job are lost", completionLines(event));
    check(seen.statesOf(String(jobRunId)).length === 0, "no event of the job run came");
    check(seen.eventsOf(String(submissionId)).length === 1, "the sweep found its end, and it was published once");
    return event;
  } finally {
    local.emr.faults.eventChances({ lose: 0 });
  }
};
