import { localAccountId } from "#local/aws-service.ts";

interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface ApplicationSeed {
  readonly applicationId: string;
  readonly name?: string;
  readonly type?: string;
  readonly releaseLabel?: string;
  readonly architecture?: "ARM64" | "X86_64";
  readonly maxConcurrentRuns?: number;
  readonly tags?: Readonly<Record<string, string>>;
}

/** How long a simulated stage takes, in milliseconds. */
interface Stages {
  readonly submittedMs: number;
  readonly pendingMs: number;
  readonly scheduledMs: number;
  /** From CANCELLING to CANCELLED of a job run that never ran. */
  readonly cancellingMs: number;
  /** Each of CREATING, STARTING and STOPPING of an application. */
  readonly applicationMs: number;
}

export interface Settings {
  readonly region: string;
  readonly accountId: string;
  /** The documents leave open what a reused client token with other parameters gets. */
  readonly tokenMismatch: "conflict" | "validation" | "replay";
  /** The HTTP status of ThrottlingException is not documented for this service: clients must match its name. */
  readonly throttlingStatus: 400 | 429;
  /** By operation; `null` lifts the limit of that operation, and in place of the table all of them. */
  readonly rates: Readonly<Record<string, Rate | null>> | null;
  readonly stages: Stages;
  /** Whether a FAILED event goes out before each retry: the documents do not say. */
  readonly failedBetweenAttempts: boolean;
  readonly principalArn: (principal: string) => string;
  readonly applications: readonly ApplicationSeed[];
}

const slow: Rate = { perSecond: 1, burst: 25 };
const fast: Rate = { perSecond: 10, burst: 50 };

/** API limits per account and Region: https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/endpoints-quotas.html */
const awsRates: Readonly<Record<string, Rate>> = {
  StartJobRun: slow,
  ListJobRuns: slow,
  CancelJobRun: slow,
  GetJobRun: fast,
  GetApplication: fast,
  ListApplications: fast,
  CreateApplication: slow,
  DeleteApplication: slow,
  StartApplication: slow,
  StopApplication: slow,
  GetDashboardForJobRun: { perSecond: 1, burst: 2 },
};

export interface SettingsInput extends Partial<Omit<Settings, "stages" | "rates">> {
  readonly stages?: Partial<Stages>;
  /** Merged over AWS's own rates. */
  readonly rates?: Readonly<Record<string, Rate | null>> | null;
}

export function settingsOf(input: SettingsInput = {}): Settings {
  const accountId = input.accountId ?? localAccountId;
  return {
    region: input.region ?? "us-east-1",
    accountId,
    tokenMismatch: input.tokenMismatch ?? "conflict",
    throttlingStatus: input.throttlingStatus ?? 400,
    rates: input.rates === null ? null : { ...awsRates, ...input.rates },
    stages: {
      submittedMs: 20,
      pendingMs: 20,
      scheduledMs: 30,
      cancellingMs: 20,
      applicationMs: 20,
      ...input.stages,
    },
    failedBetweenAttempts: input.failedBetweenAttempts ?? false,
    principalArn: input.principalArn ?? ((principal) => `arn:aws:iam::${accountId}:user/${principal}`),
    applications: input.applications ?? [],
  };
}
