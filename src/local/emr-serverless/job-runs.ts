import { getApplication, wakeApplication } from "./application-life.ts";
import { oncePerToken } from "./client-tokens.ts";
import type { StartJobRunInput } from "./constraints.ts";
import { newEventId, newId } from "./ids.ts";
import { cancelJobRun as cancel, submitJobRun } from "./job-run-life.ts";
import { getJobRun } from "./job-run-state.ts";
import type { Machine } from "./machine.ts";
import { type PageInput, page } from "./pages.ts";
import { invalid, notFound, ServiceError } from "./service-error.ts";
import {
  type ApplicationRecord,
  type AttemptRecord,
  isTerminal,
  type JobRunRecord,
  type JobRunState,
  latestAttempt,
} from "./state.ts";
import { checkTags } from "./tags.ts";
import { attemptSummary, jobRunSummary, jobRunView } from "./views.ts";

interface JobRunKey {
  readonly applicationId: string;
  readonly jobRunId: string;
}

function find(machine: Machine, { applicationId, jobRunId }: JobRunKey): JobRunRecord {
  getApplication(machine, applicationId);
  return getJobRun(machine, applicationId, jobRunId);
}

function attemptOf(run: JobRunRecord, attempt?: number): AttemptRecord {
  const found = attempt === undefined ? latestAttempt(run) : run.attempts[attempt - 1];
  if (!found) throw notFound("Attempt", `${attempt} of job run ${run.jobRunId}`);
  return found;
}

/** What the documents and the service's own messages refuse beyond the model. */
function checkStart({ settings }: Machine, application: ApplicationRecord, input: StartJobRunInput): void {
  const { applicationId, state } = application;
  const { executionTimeoutMinutes: minutes, mode, jobDriver, retryPolicy } = input;
  if (state === "TERMINATED") throw invalid(`Application ${applicationId} is terminated. Cannot start job run.`);
  if (input.executionRoleArn.split(":")[4] !== settings.accountId) {
    throw new ServiceError("AccessDeniedException", "Cross-account pass role is not allowed.");
  }
  // 0 switched the timeout off once; "no longer supported for BATCH mode job runs" (API reference, StartJobRun).
  if (minutes !== undefined && minutes < 5 && !(minutes === 0 && mode === "STREAMING")) {
    throw invalid("RunTimeout must be at least 5 minutes.");
  }
  checkTags(input.tags ?? {});
  const driver = application.settings.type.toUpperCase() === "HIVE" ? "hive" : "sparkSubmit";
  if (!jobDriver?.[driver]) throw invalid(`A job run of application ${applicationId} needs the job driver ${driver}.`);
  // 1-10 each: https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/jobs-resiliency.html
  const most = Math.max(retryPolicy?.maxAttempts ?? 1, retryPolicy?.maxFailedAttemptsPerHour ?? 1);
  if (most > 10) throw invalid(`The retry policy allows at most 10 attempts: ${most} were asked for`);
  if (state !== "STARTED" && !application.settings.autoStartConfiguration?.enabled) {
    throw invalid(`Application ${applicationId} is not started. Current status: ${state}`);
  }
}

export function startJobRun(machine: Machine, input: StartJobRunInput, principal: string): object {
  const application = getApplication(machine, input.applicationId);
  const jobRunId = oncePerToken(machine, "StartJobRun", input, () => {
    checkStart(machine, application, input);
    const run = addJobRun(machine, application, input, principal);
    submitJobRun(machine, run);
    wakeApplication(machine, application);
    return run.jobRunId;
  });
  const run = machine.state.jobRuns[jobRunId];
  if (!run) throw notFound("JobRun", jobRunId);
  return { applicationId: run.applicationId, jobRunId, arn: run.arn };
}

function addJobRun(
  machine: Machine,
  application: ApplicationRecord,
  { clientToken: _, tags = {}, ...input }: StartJobRunInput,
  principal: string,
): JobRunRecord {
  const { state, ports, settings } = machine;
  const jobRunId = newId(ports.random, (id) => id in state.jobRuns);
  const now = ports.now();
  state.sequence += 1;
  const run: JobRunRecord = {
    jobRunId,
    applicationId: application.applicationId,
    arn: `${application.arn}/jobruns/${jobRunId}`,
    sequence: state.sequence,
    createdBy: settings.principalArn(principal),
    createdAt: now,
    releaseLabel: application.settings.releaseLabel,
    type: application.settings.type,
    input,
    tags,
    attempts: [{ attempt: 1, createdAt: now, updatedAt: now, state: "SUBMITTED", stateDetails: "" }],
    queuedMs: 0,
  };
  state.jobRuns[jobRunId] = run;
  application.submitted.push(jobRunId);
  machine.changed("sequence");
  machine.changed("jobRuns", jobRunId);
  machine.changed("applications", application.applicationId);
  return run;
}

export function readJobRun(machine: Machine, input: JobRunKey & { attempt?: number }): object {
  const run = find(machine, input);
  return { jobRun: jobRunView(run, attemptOf(run, input.attempt)) };
}

interface ListJobRunsInput extends PageInput {
  readonly applicationId: string;
  readonly states?: readonly JobRunState[];
  readonly mode?: "BATCH" | "STREAMING";
  readonly createdAtAfter?: number;
  readonly createdAtBefore?: number;
}

/** Newest first; "if this filter contains multiple states, the resulting list will be grouped by the state" (API). */
export function listJobRuns(machine: Machine, input: ListJobRunsInput): object {
  const { applicationId, states = [], mode, createdAtAfter = 0, createdAtBefore = Number.POSITIVE_INFINITY } = input;
  getApplication(machine, applicationId);
  const matching = Object.values(machine.state.jobRuns).filter((run) => {
    const wantedState = states.length === 0 || states.includes(latestAttempt(run).state);
    const wantedMode = mode === undefined || (run.input.mode ?? "BATCH") === mode;
    const wantedTime = run.createdAt > createdAtAfter && run.createdAt < createdAtBefore;
    return run.applicationId === applicationId && wantedState && wantedMode && wantedTime;
  });
  const group = (run: JobRunRecord): number => Math.max(0, states.indexOf(latestAttempt(run).state));
  const { items, ...next } = page(matching, (run) => [group(run), -run.sequence], input);
  return { jobRuns: items.map(jobRunSummary), ...next };
}

export function listAttempts(machine: Machine, input: JobRunKey & PageInput): object {
  const run = find(machine, input);
  const { items, ...next } = page(run.attempts, ({ attempt }) => [0, -attempt], input);
  return { jobRunAttempts: items.map((attempt) => attemptSummary(run, attempt)), ...next };
}

/** 0 or 15-1800 seconds: https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/job-cancellation-grace-period.html */
export function cancelJobRun(machine: Machine, input: JobRunKey & { shutdownGracePeriodInSeconds?: number }): object {
  const run = find(machine, input);
  const { shutdownGracePeriodInSeconds: grace } = input;
  if (grace !== undefined && grace !== 0 && (grace < 15 || grace > 1800)) {
    throw invalid(`shutdownGracePeriodInSeconds must be 0 or between 15 and 1800: it is ${grace}`);
  }
  const { state } = latestAttempt(run);
  // Clients see a ValidationException for a run that has ended; its text is not documented.
  if (isTerminal(state)) throw invalid(`Job run ${run.jobRunId} is not in a cancellable state: it is ${state}`);
  cancel(machine, run, "", grace);
  return { applicationId: run.applicationId, jobRunId: run.jobRunId };
}

/** There is no application UI before the driver runs. The link is valid for an hour (API reference). */
export function dashboard(machine: Machine, input: JobRunKey & { attempt?: number }): object {
  const run = find(machine, input);
  const { state, attempt } = attemptOf(run, input.attempt);
  if (["SUBMITTED", "QUEUED", "PENDING", "SCHEDULED"].includes(state)) {
    throw invalid(`Dashboard cannot be served for job in ${state} state`);
  }
  const token = newEventId(machine.ports.random);
  const host = `j-${run.jobRunId}.emrappui.${machine.settings.region}.localhost`;
  return { url: `https://${host}/shs/history/${run.jobRunId}/${attempt}?authToken=${token}` };
}
