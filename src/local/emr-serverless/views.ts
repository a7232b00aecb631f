import { timeoutMinutesOf } from "./job-run-life.ts";
import {
  type ApplicationRecord,
  type AttemptRecord,
  isTerminal,
  type JobRunRecord,
  latestAttempt,
  type Utilization,
} from "./state.ts";

/** Records as the API shows them: times are epoch seconds with a fraction, members that are not known are left out. */
type View = Readonly<Record<string, unknown>>;

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);

function known(members: Record<string, unknown>): View {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** EMR Serverless keeps no empty map: a resource without tags shows none. */
function shownTags(tags: Readonly<Record<string, string>>): View | undefined {
  return Object.keys(tags).length === 0 ? undefined : tags;
}

export function applicationView(application: ApplicationRecord): View {
  const { applicationId, arn, state, settings, tags, createdAt, updatedAt } = application;
  return known({
    applicationId,
    arn,
    ...settings,
    state,
    stateDetails: "",
    createdAt: seconds(createdAt),
    updatedAt: seconds(updatedAt),
    tags: shownTags(tags),
  });
}

export function applicationSummary({ applicationId, arn, state, settings, ...times }: ApplicationRecord): View {
  return known({
    id: applicationId,
    arn,
    name: settings.name,
    releaseLabel: settings.releaseLabel,
    type: settings.type,
    architecture: settings.architecture,
    state,
    stateDetails: "",
    createdAt: seconds(times.createdAt),
    updatedAt: seconds(times.updatedAt),
  });
}

/** What the job run, its summary and the summary of an attempt all show. */
function jobRunBasics(run: JobRunRecord, attempt: AttemptRecord): Record<string, unknown> {
  return {
    applicationId: run.applicationId,
    arn: run.arn,
    name: run.input.name,
    mode: run.input.mode ?? "BATCH",
    createdBy: run.createdBy,
    createdAt: seconds(run.createdAt),
    updatedAt: seconds(attempt.updatedAt),
    executionRole: run.input.executionRoleArn,
    state: attempt.state,
    stateDetails: attempt.stateDetails,
    releaseLabel: run.releaseLabel,
    attempt: attempt.attempt,
  };
}

function afterEnd(utilization: Utilization | undefined, attempt: AttemptRecord): Utilization | undefined {
  return isTerminal(attempt.state) ? utilization : undefined;
}

/** Totals are those of the attempt that is shown: the utilization events, too, count by attempt. */
export function jobRunView(run: JobRunRecord, attempt: AttemptRecord): View {
  const { input } = run;
  const { startedAt, endedAt } = attempt;
  const ran = startedAt !== undefined && endedAt !== undefined;
  return known({
    ...jobRunBasics(run, attempt),
    jobRunId: run.jobRunId,
    executionIamPolicy: input.executionIamPolicy,
    configurationOverrides: input.configurationOverrides,
    jobDriver: input.jobDriver,
    tags: shownTags(run.tags),
    executionTimeoutMinutes: timeoutMinutesOf(run),
    retryPolicy: input.retryPolicy,
    attemptCreatedAt: seconds(attempt.createdAt),
    attemptUpdatedAt: seconds(attempt.updatedAt),
    startedAt: seconds(startedAt),
    endedAt: seconds(endedAt),
    queuedDurationMilliseconds: run.queuedMs,
    totalExecutionDurationSeconds: ran ? Math.ceil((endedAt - startedAt) / 1000) : undefined,
    totalResourceUtilization: afterEnd(attempt.total, attempt),
    billedResourceUtilization: afterEnd(attempt.billed, attempt),
  });
}

export function jobRunSummary(run: JobRunRecord): View {
  const attempt = latestAttempt(run);
  return known({
    ...jobRunBasics(run, attempt),
    id: run.jobRunId,
    type: run.type,
    attemptCreatedAt: seconds(attempt.createdAt),
    attemptUpdatedAt: seconds(attempt.updatedAt),
  });
}

export function attemptSummary(run: JobRunRecord, attempt: AttemptRecord): View {
  return known({
    ...jobRunBasics(run, attempt),
    id: run.jobRunId,
    type: run.type,
    jobCreatedAt: seconds(run.createdAt),
    createdAt: seconds(attempt.createdAt),
  });
}
