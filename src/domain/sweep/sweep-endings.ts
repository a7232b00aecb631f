import { isPreliminary } from "#domain/cost/cost-of.ts";
import { costEvent } from "#domain/events/cost-event.ts";
import { awaitsUtilization } from "#domain/submission/awaits-utilization.ts";
import { expiryOf, publishOutbox, publishSoonMs } from "#domain/submission/publish-outbox.ts";
import { settleEnding } from "#domain/submission/record-ending.ts";
import type { Submission } from "#domain/submission/submission.ts";
import { msBetween } from "#domain/time.ts";
import { tokensInTime, withToken } from "#domain/turns/paced.ts";
import { recordUsage } from "#domain/usage/record-usage.ts";
import { goesOn, type Looking, lookAtAll, type Sweep, worthALook } from "./swept.ts";

/** Submissions that are looked at beside each other. */
const pageSize = 25;

/** Looks at one that owes something are as far apart as it has ended long ago: a queue may be gone for days. */
const shortestMs = 30_000;
const longestMs = 600_000;

/** Publishes what whoever stored it did not, and stores what a job run used where that came after its end. */
export const sweepEndings = async (sweep: Sweep): Promise<void> => {
  const { services } = sweep;
  const looking: Looking = {
    nextLook: (seen) => {
      const ageMs = msBetween(endedAt(seen), services.now());
      return services.later(Math.min(longestMs, Math.max(shortestMs, ageMs)));
    },
    look: async (submission) => await look(sweep, submission),
  };
  while (goesOn(sweep)) {
    const due = await services.submissions.due("ended", services.now(), pageSize);
    if (due.length === 0) return;
    await lookAtAll(sweep, await worthALook(sweep, due, looking), looking);
  }
};

const endedAt = ({ completedAt, cancelledAt, acceptedAt }: Submission): string =>
  completedAt ?? cancelledAt ?? acceptedAt;

const look = async (sweep: Sweep, submission: Submission): Promise<void> => {
  const { services, swept } = sweep;
  if (submission.outbox !== undefined) {
    await (submission.state === "completed" ? settleEnding : publishOutbox)(services, submission);
    swept.eventsPublished += 1;
    return;
  }
  if (awaitsUtilization(submission, services.now())) await lookForCost(sweep, submission);
  else await services.submissions.recordDone(submission, expiryOf(services));
};

const lookForCost = async (sweep: Sweep, submission: Submission): Promise<void> => {
  const { services, swept } = sweep;
  const { applicationId = "", jobRunId = "" } = submission;
  if ((await tokensInTime(sweep, "GetJobRun", 1)) === 0) return;
  swept.looks += 1;
  const jobRun = await withToken(services, "GetJobRun", () => services.jobRuns.get(applicationId, jobRunId));
  if (isPreliminary(jobRun)) return;
  const telling = { event: costEvent(submission, jobRun, services), dueAt: services.later(publishSoonMs) };
  const stored = await services.submissions.recordCost(submission, jobRun, telling);
  if (stored === undefined) return;
  await recordUsage(services, stored);
  await publishOutbox(services, stored);
  swept.costsFound += 1;
};
