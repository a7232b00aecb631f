import type { Explanation } from "#domain/explain/explain-submission.ts";
import type { ExplainedPolicy } from "#domain/explain/explanation.ts";
import { budgetText, longestText } from "./budget-text.ts";

const heads: Readonly<Record<Explanation["verdict"], string>> = {
  starts: "would start at once",
  waits: "would wait",
  repeat: "is a repeat of a submission",
  refused: "would be refused",
  planned: "is planned: with --table the slots, the rate and the line are looked at too",
};

const headOf = ({ tenantId, verdict, waitingFor, first }: Explanation): string => {
  const why = first === undefined ? waitingFor : `${first.submissionId}, which is ${first.state}`;
  return `${tenantId}: the job request ${heads[verdict]}${why === undefined ? "" : `: ${why}`}`;
};

/** The detail of a problem has all its faults in one text: a line each is read more easily. */
const problemLines = ({ problem }: Explanation): string[] => {
  if (problem === undefined) return [];
  const { code, title, detail, errors } = problem;
  if (errors.length === 0) return [`${code}: ${detail}`];
  return [`${code}: ${title}`, ...errors.map((fault) => `  ${fault.pointer || "the document"} ${fault.detail}`)];
};

const policyLines = (policy: ExplainedPolicy): string[] => [
  `execution policy "${policy.template}": ${budgetText(policy)}`,
  `  ${longestText(policy.longestValues)}`,
  ...policy.notes.map((note) => `  note: ${note}`),
  JSON.stringify(policy.document, null, 2),
];

const valueLines = ({ values = [] }: Explanation): string[] => {
  const named = values.map(({ pointer, key, source, rule }) => ({
    name: key === undefined ? pointer : `${pointer} ${key}`,
    told: `${source}: ${rule}`,
  }));
  const width = Math.min(60, Math.max(0, ...named.map(({ name }) => name.length)));
  return named.map(({ name, told }) => `  ${name.padEnd(width)}  ${told}`);
};

/** What the execution policy was proved to stay in, or why not. */
const proofLines = ({ verdicts: { proof } }: Explanation): string[] => {
  if (proof.verdict === "not-proved") return [`proof: not proved: ${proof.message}`];
  const { proofId, policyTemplate, territory, shared, managedPolicyArns, acknowledged } = proof;
  return [
    `proof: proved, ${proofId}: policy template "${policyTemplate}" reaches no other tenant's territory`,
    ...territory.map((arn) => `  territory: ${arn}`),
    ...shared.flatMap(({ actions, resources }) => resources.map((arn) => `  shared: ${actions.join(", ")} on ${arn}`)),
    ...managedPolicyArns.map((arn) => `  with managed policy ${arn}`),
    ...acknowledged.map((action) => `  but for ${action}, which the tenant's file acknowledges`),
  ];
};

const verdictLines = ({ verdicts: { slot, rate, line, starts, budget } }: Explanation): string[] => [
  ...(slot === undefined ? [] : [`slot: ${slot.verdict}, ${slot.active} of ${slot.maxActive} taken`]),
  ...(rate === undefined ? [] : [`rate: ${rate.verdict}, the next token is there at ${rate.nextAt}`]),
  ...(line === undefined ? [] : [`line: ${line.verdict}, ${line.waiting} of ${line.maxWaiting} wait`]),
  ...(starts === undefined
    ? []
    : [`starts: ${starts.verdict === "allowed" ? "allowed" : `paused: ${starts.message}`}`]),
  ...(budget === undefined
    ? []
    : [`budget: ${budget.verdict}, ${budget.spent} of ${budget.monthly} ${budget.currency} spent`]),
];

const estimateLines = ({ estimate }: Explanation): string[] => {
  if (estimate === undefined) return [];
  const { vCPUHour, memoryGBHour, storageGBHour, cost, costMissing } = estimate;
  const hours = `${vCPUHour} vCPU, ${memoryGBHour} GB of memory and ${storageGBHour} GB of storage hours`;
  const amount =
    cost === undefined ? costMissing?.message : `${cost.amount} ${cost.currency} by the prices of ${cost.pricesAsOf}`;
  return [`estimate: ${hours}: ${amount}`];
};

/** An explanation for whoever sits at the terminal. */
export const explanationLines = (explanation: Explanation): string[] => [
  headOf(explanation),
  ...problemLines(explanation),
  ...verdictLines(explanation),
  ...proofLines(explanation),
  ...estimateLines(explanation),
  ...(explanation.executionPolicy === undefined ? [] : policyLines(explanation.executionPolicy)),
  ...(explanation.changes ?? []).map(({ field, rule }) => `changed: ${field}: ${rule}`),
  ...(explanation.values === undefined ? [] : ["values, each with its source:", ...valueLines(explanation)]),
  ...(explanation.input === undefined ? [] : ["StartJobRun:", JSON.stringify(explanation.input, null, 2)]),
];
