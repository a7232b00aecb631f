import type { Prices } from "#domain/cost/prices.ts";
import { type BucketRate, isLimitedApi, type LimitedApi } from "#domain/turns/token-bucket.ts";
import type { DoorConfig } from "#handlers/door.ts";
import { readPrices } from "./price-config.ts";

/** What the environment of a function says. */
export interface FunctionConfig extends DoorConfig {
  readonly table: string;
  readonly eventBus: string;
  /** Where the dispatcher is woken; without it, its schedule is all that wakes it. */
  readonly wakeQueueUrl: string | undefined;
  /** Where the queue door puts what nobody can be proven to have sent; without it, that comes again. */
  readonly quarantineQueueUrl: string | undefined;
  /** The account's own rates, where they are not AWS's defaults. */
  readonly rates: Partial<Record<LimitedApi, BucketRate>>;
  /** What costs are estimated from. */
  readonly prices: Prices;
  /** Where SQS is, also for queues whose URL names another host: where the environment of the SDK says so. */
  readonly sqsEndpoint?: string | undefined;
  /** How long a submission is kept after nothing is left to do for it. */
  readonly retentionDays: number;
  /** How long a job run may be without news until it is asked for. */
  readonly lookSeconds: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const list = (text: string | undefined, otherwise: readonly string[]): readonly string[] =>
  text === undefined || text.trim() === "" ? otherwise : text.split(",").map((item) => item.trim());

/** The account of an SQS queue URL: its first path segment. */
const accountOfQueue = (queueUrl: string): string | undefined =>
  /^https?:\/\/[^/]+\/(\d{12})\/[^/]+$/.exec(queueUrl)?.[1];

const envelopeKinds = ["s3", "sns", "eventbridge"];

export const readEnvelopeQueues = (text: string | undefined, faults: string[]): FunctionConfig["envelopeQueues"] => {
  if (text === undefined || text.trim() === "") return {};
  const fault = `SLUICE_ENVELOPE_QUEUES must be a JSON object of queue ARNs, each with a list of ${envelopeKinds.join(", ")}: current value is ${text}`;
  try {
    const queues: Record<string, ("s3" | "sns" | "eventbridge")[]> = JSON.parse(text);
    const kinds = Object.values(queues).map(
      (value) => Array.isArray(value) && value.every((kind) => envelopeKinds.includes(kind)),
    );
    if (typeof queues === "object" && !Array.isArray(queues) && kinds.every(Boolean)) return queues;
  } catch {
    // The fault below says what is wanted, and shows what is there.
  }
  faults.push(fault);
  return {};
};

const queueArn = /^arn:[^:]+:sqs:[^:]+:\d{12}:[^:]+$/;

/** Read where it is set: the function `events` alone has a queue of events. */
const readEventsQueue = (text: string | undefined, faults: string[]): string | undefined => {
  if (text === undefined || text === "" || queueArn.test(text)) return text || undefined;
  faults.push(`SLUICE_EVENTS_QUEUE_ARN must be the ARN of an SQS queue: current value is "${text}"`);
  return undefined;
};

/** A session is whatever its holder calls it, so it tells nobody apart; `*` would let a tenant in as any other. */
export const readOperatorSenders = (text: string | undefined, faults: string[]): readonly string[] => {
  const senders = list(text, []);
  const wrong = senders.filter((sender) => !/^\w+$/.test(sender));
  for (const sender of wrong) {
    faults.push(
      `SLUICE_OPERATOR_SENDERS must list SQS SenderIds such as AROAEXAMPLE, without the session: current value is "${sender}"`,
    );
  }
  return senders;
};

/** A URL that is none would lose every wake, and keep nothing in quarantine: that would only show in the logs. */
const readQueueUrl = (name: string, text: string | undefined, faults: string[]): string | undefined => {
  if (text === undefined || text === "" || accountOfQueue(text) !== undefined) return text || undefined;
  faults.push(`${name} must be an SQS queue URL with a 12-digit account id: current value is "${text}"`);
  return undefined;
};

/** `StartJobRun=2/50,GetJobRun=20/100`: calls a second, then how many at once. */
const readRates = (text: string | undefined, faults: string[]): FunctionConfig["rates"] => {
  const rates: Partial<Record<LimitedApi, BucketRate>> = {};
  for (const item of list(text, [])) {
    const [, api = "", perSecond, burst] = /^(\w+)=(\d+(?:\.\d+)?)\/(\d+)$/.exec(item) ?? [];
    const rate = { perSecond: Number(perSecond), burst: Number(burst) };
    const isRate = rate.perSecond > 0 && rate.burst >= 1 && Number.isFinite(rate.perSecond * rate.burst);
    if (!isLimitedApi(api) || !isRate) {
      faults.push(`SLUICE_RATES must read like "StartJobRun=1/25": current value is "${item}"`);
    } else if (rates[api] !== undefined) {
      faults.push(`SLUICE_RATES must give each API once: current value is "${item}"`);
    } else rates[api] = rate;
  }
  return rates;
};

/**
 * A message that lies on a queue for longer than its submission is kept would start its job once more. SQS keeps messages
 * for 14 days at most (Amazon SQS Developer Guide, "Message quotas"), and a redriven one for as long again.
 */
const leastRetentionDays = 29;

const readRetentionDays = (text: string | undefined, faults: string[]): number => {
  const days = text === undefined || text === "" ? 90 : Number(text);
  if (Number.isInteger(days) && days >= leastRetentionDays && days <= 3650) return days;
  faults.push(
    `SLUICE_RETENTION_DAYS must be a whole number from ${leastRetentionDays} to 3650, longer than a message can wait on two queues: current value is "${text}"`,
  );
  return days;
};

/** At most half the time between two sweeps: a job run that one asks for is asked for by the next one as well. */
const readLookSeconds = (text: string | undefined, faults: string[]): number => {
  const seconds = text === undefined || text === "" ? 30 : Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 30) return seconds;
  faults.push(`SLUICE_LOOK_SECONDS must be a whole number from 1 to 30: current value is "${text}"`);
  return seconds;
};

/** Reads the environment once, at the start of a function; all faults are reported together. */
export const readConfig = (environment: Environment): FunctionConfig => {
  const faults: string[] = [];
  const required = (name: string): string => {
    const value = environment[name] ?? "";
    if (value === "") faults.push(`${name} must be set`);
    return value;
  };
  const table = required("SLUICE_TABLE");
  const eventBus = required("SLUICE_EVENT_BUS");
  const queueUrl = required("SLUICE_QUEUE_URL");
  const accountId = accountOfQueue(queueUrl);
  if (accountId === undefined && queueUrl !== "") {
    faults.push(`SLUICE_QUEUE_URL must be an SQS queue URL with a 12-digit account id: current value is "${queueUrl}"`);
  }
  const envelopeQueues = readEnvelopeQueues(environment["SLUICE_ENVELOPE_QUEUES"], faults);
  const eventsQueueArn = readEventsQueue(environment["SLUICE_EVENTS_QUEUE_ARN"], faults);
  const operatorSenders = readOperatorSenders(environment["SLUICE_OPERATOR_SENDERS"], faults);
  const rates = readRates(environment["SLUICE_RATES"], faults);
  const prices = readPrices(environment, faults);
  const retentionDays = readRetentionDays(environment["SLUICE_RETENTION_DAYS"], faults);
  const lookSeconds = readLookSeconds(environment["SLUICE_LOOK_SECONDS"], faults);
  const queueUrlOf = (name: string) => readQueueUrl(name, environment[name], faults);
  const wakeQueueUrl = queueUrlOf("SLUICE_WAKE_QUEUE_URL");
  const quarantineQueueUrl = queueUrlOf("SLUICE_QUARANTINE_QUEUE_URL");
  if (faults.length > 0 || accountId === undefined) throw new Error(`Cannot start the function: ${faults.join("; ")}`);
  return {
    table,
    eventBus,
    accountId,
    region: environment["AWS_REGION"],
    envelopeQueues,
    eventsQueueArn,
    operatorSenders,
    rates,
    prices,
    retentionDays,
    lookSeconds,
    wakeQueueUrl,
    quarantineQueueUrl,
    sqsEndpoint: environment["AWS_ENDPOINT_URL_SQS"] || environment["AWS_ENDPOINT_URL"] || undefined,
    jwtClaims: list(environment["SLUICE_JWT_CLAIMS"], ["client_id", "sub"]),
    authorizerKeys: list(environment["SLUICE_AUTHORIZER_KEYS"], ["principalId"]),
  };
};
