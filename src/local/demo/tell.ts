import type { JobRun as EmrJobRun } from "@aws-sdk/client-emr-serverless";
import type { AwsEvent } from "#local/events/event.ts";

/** Prints the story of a job, a few lines each. */
export const tell = (title: string, lines: Readonly<Record<string, string>>): void => {
  console.log(`\n${title}`);
  for (const [name, text] of Object.entries(lines)) {
    console.log(`  ${name.padEnd(17)} ${text.replaceAll("\n", `\n${" ".repeat(20)}`)}`);
  }
};

/** Says that something holds, or fails the demo. */
export const check = (holds: boolean, promise: string): void => {
  if (!holds) throw new Error(`This does not hold: ${promise}`);
  console.log(`  ok                ${promise}`);
};

const seconds = (from: unknown, to: unknown): string =>
  `${((Date.parse(String(to)) - Date.parse(String(from))) / 1000).toFixed(1)} s`;

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: unknown;
}

const listed = (texts: string | string[]): string => [texts].flat().join(", ");

/** A policy, a line a statement. */
const statementsOf = (policy: string): string[] => {
  const { Statement: statements }: { Statement: Statement[] } = JSON.parse(policy);
  return statements.map(({ Effect: effect, Action: action, Resource: resource, Condition: condition }) => {
    const where = condition === undefined ? "" : ` where ${JSON.stringify(condition)}`;
    return `${effect} ${listed(action)} on ${listed(resource)}${where}`;
  });
};

const costText = ({ cost, costMissing }: Record<string, unknown>): string => {
  const { amount, currency, basis } = (cost ?? {}) as Record<string, unknown>;
  if (amount !== undefined) return `${amount} ${currency} (estimate by ${basis})`;
  return `no cost: ${(costMissing as Record<string, unknown> | undefined)?.["code"] ?? "none was told"}`;
};

/** How a submission ended, as its completion event tells it. */
export const completionLines = (event: AwsEvent): Record<string, string> => {
  const data = event.detail["data"] as Record<string, unknown>;
  const { totalMilliseconds } = data["durations"] as Record<string, number>;
  return {
    "completion event": `${data["tenantId"]}: ${data["outcome"]}, ${data["reason"]}, ${((totalMilliseconds ?? 0) / 1000).toFixed(1)} s`,
    cost: costText(data),
  };
};

/** What was started and how it ended: from the job run that EMR Serverless keeps and from the completion event. */
export const jobLines = (
  door: string,
  jobRun: EmrJobRun,
  states: readonly string[],
  event: AwsEvent,
): Record<string, string> => {
  const data = event.detail["data"] as Record<string, unknown>;
  const tags = Object.entries(jobRun.tags ?? {}).map(([key, value]) => `${key}=${value}`);
  const policy = jobRun.executionIamPolicy?.policy ?? "";
  return {
    tenant: String(data["tenantId"]),
    door,
    "client token": String(data["submissionId"]),
    "execution policy": `${policy.length} of 2048 characters\n${statementsOf(policy).join("\n")}`,
    tags: tags.join(" "),
    "job run": `${jobRun.jobRunId} "${jobRun.name}"`,
    states: states.join(" → "),
    "completion event": `${event.detail["type"]} ${data["outcome"]}, ${seconds(data["acceptedAt"], data["completedAt"])} after it was accepted`,
  };
};
