import { type ErrorCode, ServiceError } from "#domain/errors.ts";
import type { StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import { failureOf, messageOf, nameOf } from "./aws-failure.ts";

/** What follows from an error, and what it says of the application or the job run. */
interface Meaning {
  readonly code: ErrorCode;
  readonly said: string;
  readonly retryAfterSeconds?: number;
}

/** StartJobRun: 1 a second and account, bursts of 25 (Amazon EMR Serverless User Guide, "Endpoints and quotas"). */
const throttledSeconds = 2;
/** A quota is free again when job runs end, which takes minutes. */
const quotaSeconds = 30;

const busy: Meaning = {
  code: "ERR_EMR_BUSY",
  said: `is throttled by EMR Serverless: try again after ${throttledSeconds} s`,
  retryAfterSeconds: throttledSeconds,
};

const down: Meaning = {
  code: "ERR_EMR_DOWN",
  said: "is out of reach, EMR Serverless does not answer: try again",
};

/** What every operation may answer. */
const commonMeaning = (error: unknown): Meaning | undefined => {
  const name = nameOf(error);
  if (name === "ServiceQuotaExceededException") {
    const said = `is at a quota of the account: try again after ${quotaSeconds} s`;
    return { code: "ERR_EMR_BUSY", said, retryAfterSeconds: quotaSeconds };
  }
  const failure = failureOf(error);
  if (failure === "other") return undefined;
  return failure === "throttled" ? busy : down;
};

/** Shorter arguments are everywhere: "1", "-d". */
const leastArgument = 4;

/** AWS repeats the value that it does not like: a policy and arguments are not for messages, in whichever form. */
const withoutInput = (message: string, { executionIamPolicy: { policy }, jobDriver }: StartJobRunInput): string => {
  const { sparkSubmit, hive } = jobDriver;
  const settings = [sparkSubmit?.sparkSubmitParameters ?? "", hive?.parameters ?? ""];
  const given = [...settings, ...(sparkSubmit?.entryPointArguments ?? [])];
  return [policy, ...given.filter(({ length }) => length >= leastArgument)]
    .flatMap((text) => [text, JSON.stringify(text).slice(1, -1)])
    .reduce((text, form) => text.replaceAll(form, "…"), message);
};

const startMeaning = (error: unknown, input: StartJobRunInput): Meaning | undefined => {
  const name = nameOf(error);
  if (name.startsWith("AccessDenied")) {
    const said = `may not be used by Sluice with role "${input.executionRoleArn}": allow emr-serverless:StartJobRun on the application and iam:PassRole on the role`;
    return { code: "ERR_EMR_DENIED", said };
  }
  switch (name) {
    case "ValidationException":
      return { code: "ERR_EMR_REFUSED", said: `refused it: ${messageOf(error)}` };
    case "ConflictException":
      // Also what a call gets while another one with the same token is under way, so the same token is sent again.
      return { code: "ERR_EMR_CONFLICT", said: "reported a conflict: the same request will be sent again" };
    case "ResourceNotFoundException":
      return { code: "ERR_APPLICATION_NOT_FOUND", said: "does not exist in this account and Region" };
    default:
      return commonMeaning(error);
  }
};

/**
 * Asking for a job run refuses nothing: it is known to have been started. So whatever GetJobRun says is tried again,
 * also that it does not know the job run, and ends in the dead-letter queue where somebody sees it.
 */
const getMeaning = (error: unknown): Meaning | undefined => {
  const name = nameOf(error);
  if (name.startsWith("AccessDenied")) {
    return { code: "ERR_EMR_DENIED", said: "may not be read by Sluice: allow emr-serverless:GetJobRun on it" };
  }
  if (name === "ResourceNotFoundException") {
    return { code: "ERR_JOB_RUN_MISSING", said: "is not known to EMR Serverless: was the application deleted?" };
  }
  if (name === "ValidationException") {
    return { code: "ERR_EMR_DOWN", said: `cannot be asked for: ${messageOf(error)}` };
  }
  return commonMeaning(error);
};

/** The job run that is to be cancelled is asked for again, so all that fails is tried again. */
const cancelMeaning = (error: unknown): Meaning | undefined => {
  const name = nameOf(error);
  if (name.startsWith("AccessDenied")) {
    return { code: "ERR_EMR_DENIED", said: "may not be cancelled by Sluice: allow emr-serverless:CancelJobRun on it" };
  }
  return getMeaning(error);
};

/** Looking for a job run refuses nothing either: what is not found now is looked for again. */
const findMeaning = (error: unknown): Meaning | undefined => {
  const name = nameOf(error);
  if (name.startsWith("AccessDenied")) {
    const said = "may not be searched by Sluice: allow emr-serverless:ListJobRuns on the application";
    return { code: "ERR_EMR_DENIED", said };
  }
  if (name === "ResourceNotFoundException") {
    return { code: "ERR_APPLICATION_NOT_FOUND", said: "does not exist in this account and Region" };
  }
  if (name === "ValidationException") {
    return { code: "ERR_EMR_DOWN", said: `cannot be searched: ${messageOf(error)}` };
  }
  return commonMeaning(error);
};

const failure = (asked: string, meaning: Meaning | undefined, cause: unknown): unknown => {
  if (meaning === undefined) return cause;
  const { code, said, retryAfterSeconds } = meaning;
  return new ServiceError(code, `${asked} ${said}`, {
    cause,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
};

/** Errors are logged with what AWS said: so what AWS repeats of the job is taken out, before anybody has it. */
const cleaned = (error: unknown, input: StartJobRunInput): unknown => {
  if (error instanceof Error) error.message = withoutInput(error.message, input);
  return error;
};

/** The error of StartJobRun as a ServiceError where we know what follows from it, else the error itself. */
export const startFailure = (error: unknown, input: StartJobRunInput): unknown => {
  const asked = `Cannot start job run for submission "${input.clientToken}": application "${input.applicationId}"`;
  const cause = cleaned(error, input);
  return failure(asked, startMeaning(cause, input), cause);
};

/** The same for GetJobRun. */
export const getFailure = (error: unknown, applicationId: string, jobRunId: string): unknown =>
  failure(`Cannot read job run "${jobRunId}": it, of application "${applicationId}",`, getMeaning(error), error);

/** The same for CancelJobRun. */
export const cancelFailure = (error: unknown, applicationId: string, jobRunId: string): unknown =>
  failure(`Cannot cancel job run "${jobRunId}": it, of application "${applicationId}",`, cancelMeaning(error), error);

/** The same for the ListJobRuns that looks for a submission's job run. */
export const findFailure = (error: unknown, input: StartJobRunInput): unknown => {
  const asked = `Cannot find the job run of submission "${input.clientToken}": application "${input.applicationId}"`;
  return failure(asked, findMeaning(error), error);
};
