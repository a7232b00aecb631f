/** EMR Serverless's job run, as far as a completion tells of it. States are AWS's own words, unknown ones included. */
export interface JobRun {
  readonly applicationId: string;
  readonly jobRunId: string;
  readonly arn: string;
  readonly name?: string;
  readonly state: string;
  readonly stateDetails?: string;
  readonly attempt?: number;
  readonly mode?: string;
  readonly releaseLabel?: string;
  readonly createdAt: string;
  readonly updatedAt?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly queuedDurationMilliseconds?: number;
  readonly totalExecutionDurationSeconds?: number;
  readonly totalResourceUtilization?: Utilization;
  readonly billedResourceUtilization?: Utilization;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Hours of use; `billed…` has AWS's minimum of a minute a worker and the storage above 20 GB in it already. */
export interface Utilization {
  readonly vCPUHour?: number;
  readonly memoryGBHour?: number;
  readonly storageGBHour?: number;
}

/** The three states that a job run does not leave. Any other state, also one that we do not know, is not an end. */
const endings = ["SUCCESS", "FAILED", "CANCELLED"];

export const hasEnded = (state: string): boolean => endings.includes(state);

/** The other states, in the order in which an attempt goes through them; it may leave some out. */
const inOrder = ["SUBMITTED", "QUEUED", "PENDING", "SCHEDULED", "RUNNING", "CANCELLING"];

/** Whether EMR Serverless has told us what the state means. */
export const isKnownState = (state: string): boolean => hasEnded(state) || inOrder.includes(state);

/**
 * Whether news of an active job run is newer than what is known of it: events come late, twice and in any order. A later
 * attempt begins anew. A state that nobody told us of has no place in the order: then EMR Serverless's own times decide.
 */
export const isForward = (known: JobRun | undefined, news: JobRun): boolean => {
  if (known === undefined) return true;
  const attempts = [known.attempt ?? 1, news.attempt ?? known.attempt ?? 1] as const;
  if (attempts[0] !== attempts[1]) return attempts[1] > attempts[0];
  if (known.state === news.state) return false;
  if (isKnownState(known.state) && isKnownState(news.state)) {
    return inOrder.indexOf(news.state) > inOrder.indexOf(known.state);
  }
  return known.updatedAt === undefined || news.updatedAt === undefined || news.updatedAt > known.updatedAt;
};
