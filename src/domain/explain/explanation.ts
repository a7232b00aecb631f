import { amountOf, type Cost, type CostMissing, priceAt } from "#domain/cost/cost-of.ts";
import { textOf } from "#domain/cost/decimal.ts";
import type { Prices } from "#domain/cost/prices.ts";
import { type LongestValues, longestValues } from "#domain/plan/longest-values.ts";
import { budgetNotes, type PolicyBudget, policyBudget } from "#domain/plan/policy-budget.ts";
import type { Change, StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import type { JobRequest } from "#domain/request/job-request.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import type { ValueSource } from "./source.ts";
import { valueSources } from "./value-sources.ts";

/** The execution policy of a job run, and how it stands against the limit that it shares with managed policies. */
export interface ExplainedPolicy extends Omit<PolicyBudget, "unknownArns"> {
  readonly template: string;
  readonly document: unknown;
  readonly managedPolicyArns: readonly string[];
  /** How long each value of the tenant may be, beside the others as they are, with the longest ids of a job. */
  readonly longestValues: LongestValues;
  readonly notes: readonly string[];
}

/** What a run of a job template is expected to cost, from the hours that the template gives. */
export interface Estimate {
  readonly vCPUHour: number;
  readonly memoryGBHour: number;
  readonly storageGBHour: number;
  readonly cost?: Omit<Cost, "basis">;
  readonly costMissing?: CostMissing;
}

/** A plan explained: what would be sent, and why each value of it is there. */
export interface ExplainedPlan {
  readonly input: StartJobRunInput;
  readonly values: readonly ValueSource[];
  readonly changes: readonly Change[];
  readonly executionPolicy: ExplainedPolicy;
  readonly estimate?: Estimate;
}

export interface Explaining {
  readonly setup: TenantSetup;
  readonly request: JobRequest;
  readonly input: StartJobRunInput;
  readonly changes: readonly Change[];
  readonly prices: Prices;
  /** Where the job would run: prices are a Region's. */
  readonly region: string;
}

const explainedPolicy = ({ setup, input }: Explaining): ExplainedPolicy => {
  const { policy, policyArns = [] } = input.executionIamPolicy;
  const { unknownArns, ...budget } = policyBudget(policy.length, policyArns, setup.managedPolicies);
  return {
    template: setup.tenant.policy.template,
    document: JSON.parse(policy),
    ...budget,
    managedPolicyArns: policyArns,
    longestValues: longestValues(setup, budget.managedCharacters),
    notes: budgetNotes(setup, { ...budget, unknownArns }),
  };
};

const estimateOf = ({ setup, request, input, prices, region }: Explaining): Estimate | undefined => {
  const template = setup.jobTemplates.find(({ name }) => name === request.jobTemplate);
  if (template?.estimate === undefined) return undefined;
  const hours = template.estimate;
  const found = priceAt({ applicationId: input.applicationId, region }, prices);
  if ("costMissing" in found) return { ...hours, costMissing: found.costMissing };
  const amount = amountOf(hours, found.price);
  if (amount === undefined) throw new Error("A job template's estimate is no amount, this is a bug");
  return { ...hours, cost: { amount: textOf(amount), ...found.costed } };
};

/** Explains a planned job request. Pure: nothing is asked of AWS, nothing is stored. */
export const explanationOf = (explaining: Explaining): ExplainedPlan => {
  const { setup, request, input, changes } = explaining;
  const estimate = estimateOf(explaining);
  return {
    input,
    values: valueSources({ setup, request, input, changes }),
    changes,
    executionPolicy: explainedPolicy(explaining),
    ...(estimate !== undefined && { estimate }),
  };
};
