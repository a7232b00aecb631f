import { ServiceError } from "#domain/errors.ts";
import type { StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import type { JobRuns } from "#domain/ports.ts";
import { hasEnded, type JobRun } from "#domain/submission/job-run.ts";
import type { BucketRate } from "#domain/turns/token-bucket.ts";
import { createEmrServerlessCore, type EmrServerlessCore } from "#local/emr-serverless/core.ts";
import { simulatedRunner } from "#local/emr-serverless/simulated-runner.ts";
import type { EmrEvent } from "#local/emr-serverless/state.ts";
import type { Random } from "./random.ts";
import { isoOf, type Scheduler } from "./scheduler.ts";
import { accountId, tenantNames } from "./world-tenants.ts";

/** A job run as it really is: no event is needed to know it. */
export interface RealRun {
  readonly jobRunId: string;
  readonly applicationId: string;
  readonly submissionId: string;
  readonly input: StartJobRunInput;
  readonly createdAt: number;
  ended: boolean;
  /** When it ended, in epoch milliseconds of the true time. */
  endedAt?: number;
}

export const tenantOf = ({ input }: RealRun): string => input.tags["sluice:tenant"] ?? "";

export interface SimulatedEmr {
  readonly jobRuns: JobRuns;
  readonly runs: ReadonlyMap<string, RealRun>;
}

interface Parts {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly rate: BucketRate;
  /** Whether the next call is throttled although the rate allows it. */
  readonly throttles: () => boolean;
  /** Whether a token that was used is answered by a conflict, as it may be while the first call goes on. */
  readonly conflicts: () => boolean;
  /** How long a token is known: EMR Serverless does not say. */
  readonly tokenMs: number;
  readonly emitted: (event: EmrEvent) => void;
  /** Called at every call that EMR Serverless gets, before it is answered. */
  readonly called: (api: string) => void;
  readonly started: (input: StartJobRunInput) => void;
  readonly created: (run: RealRun) => void;
  readonly ended: (run: RealRun) => void;
}

const codes = {
  ThrottlingException: "ERR_EMR_BUSY",
  ConflictException: "ERR_EMR_CONFLICT",
  ValidationException: "ERR_EMR_REFUSED",
  ResourceNotFoundException: "ERR_APPLICATION_NOT_FOUND",
} as const;

const translated = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const code = Object.hasOwn(codes, error.name) ? codes[error.name as keyof typeof codes] : "ERR_EMR_DOWN";
  return new ServiceError(code, `EMR Serverless answered ${error.name}: ${error.message}`);
};

type View = Readonly<Record<string, unknown>>;

const member = (view: unknown, name: string): View => {
  const found: unknown = typeof view === "object" && view !== null ? Reflect.get(view, name) : undefined;
  if (typeof found !== "object" || found === null) throw new Error(`EMR Serverless answered without ${name}`);
  return { ...found };
};

const time = (seconds: unknown): string => isoOf(Math.round(Number(seconds) * 1000));

const jobRunOf = (view: View): JobRun => ({
  applicationId: String(view["applicationId"]),
  jobRunId: String(view["jobRunId"]),
  arn: String(view["arn"]),
  name: String(view["name"]),
  state: String(view["state"]),
  attempt: Number(view["attempt"]),
  createdAt: time(view["createdAt"]),
  ...(view["endedAt"] !== undefined && { endedAt: time(view["endedAt"]) }),
  tags: Object.fromEntries(Object.entries(member(view, "tags")).map(([key, value]) => [key, String(value)])),
});

const coreOf = (parts: Parts, runs: Map<string, RealRun>): EmrServerlessCore => {
  const { scheduler, random, rate } = parts;
  const emit = (event: EmrEvent): void => {
    const { jobRunId, state } = event.detail;
    const run = runs.get(String(jobRunId));
    if (run !== undefined && typeof state === "string") {
      run.ended = hasEnded(state);
      run.endedAt = scheduler.now();
      if (run.ended) parts.ended(run);
    }
    parts.emitted(event);
  };
  const runner = simulatedRunner({
    rule: () => ({
      durationMs: random.between(500, 90_000),
      outcome: random.chance(0.8) ? "SUCCESS" : "FAILED",
      failAttempts: random.chance(0.2) ? 1 : 0,
    }),
  });
  const ids = [...tenantNames.map((tenantId) => `00app${tenantId}`), "00appshared"];
  const maxConcurrentRuns = random.pick([2, 15, 1000]);
  return createEmrServerlessCore(
    { now: scheduler.now, schedule: scheduler.after, random: random.next, emit, runner },
    {
      accountId,
      rates: { StartJobRun: rate },
      failedBetweenAttempts: random.chance(0.5),
      tokenMismatch: random.pick(["conflict", "validation"] as const),
      applications: ids.map((applicationId) => ({ applicationId, maxConcurrentRuns })),
    },
  );
};

/** Jobs of that name are what EMR Serverless itself refuses, until an operator has mended the reason. */
export const refusedByEmr = "refused-by-emr";

/** EMR Serverless of the embedded AWS on virtual time, behind the domain's port. */
export const createEmr = (parts: Parts): SimulatedEmr => {
  const runs = new Map<string, RealRun>();
  const core = coreOf(parts, runs);
  const call = (operation: string, input: unknown): object => {
    if (parts.throttles()) core.faults.throttle(operation);
    try {
      return core.call(operation, input, "sluice");
    } catch (error) {
      throw translated(error);
    }
  };
  const jobRuns: JobRuns = {
    async start(input) {
      parts.called("StartJobRun");
      parts.started(input);
      const first = [...runs.values()].find(({ submissionId }) => submissionId === input.clientToken);
      const used = first !== undefined && first.createdAt + parts.tokenMs > parts.scheduler.now();
      if (!used && input.name.startsWith(refusedByEmr) && parts.random.chance(0.7))
        throw new ServiceError("ERR_EMR_REFUSED", "EMR Serverless refused it");
      if (used && parts.conflicts()) throw new ServiceError("ERR_EMR_CONFLICT", "EMR Serverless reported a conflict");
      // The core knows tokens for ever.
      const forgotten = first !== undefined && !used;
      const clientToken = forgotten ? `again.${runs.size}` : input.clientToken;
      const jobRunId = String(Reflect.get(call("StartJobRun", { ...input, clientToken }), "jobRunId"));
      if (!runs.has(jobRunId)) {
        const { applicationId, clientToken: submissionId } = input;
        const createdAt = parts.scheduler.now();
        const run = { jobRunId, applicationId, submissionId, input, createdAt, ended: false };
        runs.set(jobRunId, run);
        parts.created(run);
      }
      return { jobRunId };
    },
    async get(applicationId, jobRunId) {
      parts.called("GetJobRun");
      return jobRunOf(member(call("GetJobRun", { applicationId, jobRunId }), "jobRun"));
    },
    async cancel(applicationId, jobRunId) {
      parts.called("CancelJobRun");
      call("CancelJobRun", { applicationId, jobRunId });
    },
    async list({ applicationId }) {
      parts.called("ListJobRuns");
      call("ListJobRuns", { applicationId });
      const listed = [...runs.values()].filter((run) => run.applicationId === applicationId);
      return { jobRunIds: new Map(listed.map(({ input, jobRunId }) => [input.name, jobRunId])) };
    },
  };
  return { jobRuns, runs };
};
