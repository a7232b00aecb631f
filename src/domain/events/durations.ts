import type { Submission } from "#domain/submission/submission.ts";
import { msBetween } from "#domain/time.ts";

/** How long a submission took, in milliseconds: each where both of its times are known. */
export interface Durations {
  /** From the acceptance to StartJobRun. */
  readonly waitingMilliseconds?: number;
  /** From StartJobRun until the driver ran: EMR Serverless's queue, and the start of workers. */
  readonly pendingMilliseconds?: number;
  /** From then to the end: of the last attempt, where there were several. */
  readonly runningMilliseconds?: number;
  /** From the acceptance to the end. */
  readonly totalMilliseconds?: number;
}

const between = <Name extends keyof Durations>(
  name: Name,
  from: string | undefined,
  to: string | undefined,
): Pick<Durations, Name> | object => (from === undefined || to === undefined ? {} : { [name]: msBetween(from, to) });

export const durationsOf = ({ acceptedAt, startedAt, cancelledAt, completedAt, jobRun }: Submission): Durations => {
  const endedAt = jobRun?.endedAt ?? completedAt ?? cancelledAt;
  return {
    ...between("waitingMilliseconds", acceptedAt, startedAt ?? cancelledAt),
    ...between("pendingMilliseconds", startedAt, jobRun?.startedAt),
    ...between("runningMilliseconds", jobRun?.startedAt, jobRun?.endedAt),
    ...between("totalMilliseconds", acceptedAt, endedAt),
  };
};
