import { placeholdersIn } from "#domain/placeholder.ts";
import type { Change, StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import type { JobRequest } from "#domain/request/job-request.ts";
import type { JobTemplate } from "#domain/tenant/job-template.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";

/** Who put a value into a StartJobRun input. `default` and `enforced` are the tenant's rules for its engine. */
export type Source = "request" | "job template" | "tenant" | "default" | "enforced" | "guard rail" | "sluice";

/** A value of a StartJobRun input, and the rule that put it there. */
export interface ValueSource {
  readonly pointer: string;
  /** The property, where the value is one of several in a text. */
  readonly key?: string;
  readonly source: Source;
  readonly rule: string;
}

export interface Sourcing {
  readonly setup: TenantSetup;
  readonly request: JobRequest;
  readonly input: StartJobRunInput;
  readonly changes: readonly Change[];
}

export type Told = Pick<ValueSource, "source" | "rule">;

/** Where a text of a job template comes from: the template itself, or the parameter that stands in it. */
export const templateText = (template: JobTemplate, text: unknown, { parameters = {} }: JobRequest): Told => {
  const rule = `job template "${template.name}"`;
  const [name] = typeof text === "string" ? placeholdersIn(text) : [];
  if (name === undefined) return { source: "job template", rule };
  const parameter = /^parameters\.(.*)$/.exec(name)?.[1];
  if (parameter === undefined) return { source: "job template", rule: `${rule}, with {{${name}}} filled in` };
  return Object.hasOwn(parameters, parameter)
    ? { source: "request", rule: `parameter "${parameter}" of ${rule}` }
    : { source: "job template", rule: `default of parameter "${parameter}" of ${rule}` };
};
