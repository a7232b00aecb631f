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
