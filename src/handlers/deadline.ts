import type { Context } from "aws-lambda";
import { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";

/**
 * What an invocation keeps of its time when it has to begin nothing more: for the AWS call that is under way, which is given
 * up after 16 s, then for a message's way into quarantine and back to its queue, tried once for 5 s each, and for the answer.
 */
export const reserveMs = 27_000;

type Timed = Pick<Context, "getRemainingTimeInMillis">;

/** Better than to be cut off half-way. */
const outOfTime = (): ServiceError =>
  new ServiceError("ERR_LEDGER_DOWN", "Cannot go on: the function has no time left for it: it comes again");

/**
 * Services that begin nothing more once an invocation's time is up: every step up to the one that stores a submission, or
 * an ending, fails then, so that the message comes again. What follows such a step goes on, and is put right by whoever
 * comes next where it is cut off.
 */
export const servicesInTime = (
  services: Services,
  { getRemainingTimeInMillis }: Timed,
): { readonly services: Services; readonly deadline: string } => {
  const deadline = services.later(Math.max(0, getRemainingTimeInMillis() - reserveMs));
  const inTime =
    <Args extends readonly unknown[], Answer>(begin: (...args: Args) => Promise<Answer>) =>
    async (...args: Args): Promise<Answer> => {
      if (services.now() >= deadline) throw outOfTime();
      return await begin(...args);
    };
  const { tenants, usage, starts, submissions, jobRuns } = services;
  return {
    deadline,
    services: {
      ...services,
      tenants: { byId: inTime(tenants.byId), provedBy: inTime(tenants.provedBy) },
      usage: { ...usage, month: inTime(usage.month) },
      starts: {
        ...starts,
        takeTokens: inTime(starts.takeTokens),
        enter: inTime(starts.enter),
        queueUp: inTime(starts.queueUp),
        queueBehind: inTime(starts.queueBehind),
      },
      submissions: {
        ...submissions,
        accept: inTime(submissions.accept),
        byJobRun: inTime(submissions.byJobRun),
        recordNews: inTime(submissions.recordNews),
        recordEnd: inTime(submissions.recordEnd),
      },
      jobRuns: { ...jobRuns, get: inTime(jobRuns.get) },
    },
  };
};
