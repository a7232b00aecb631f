import * as z from "zod/mini";
import { faultsOf } from "#domain/fault.ts";
import { wantedValue } from "#domain/plan/variable-values.ts";
import type { PolicyTemplate } from "#domain/tenant/policy-template.ts";
import { tenantSchema } from "#domain/tenant/tenant.ts";
import type { AddOption } from "./given-answers.ts";

/** What the folder has already. */
export interface Folder {
  readonly policies: readonly PolicyTemplate[];
  readonly jobs: readonly string[];
  readonly tenants: readonly string[];
}

/** One thing that is needed: how it is asked for, and what is wrong with an answer. */
export interface Question {
  /** The option that says it without being asked. */
  readonly option: AddOption;
  /** The variable of the policy template that is asked for. */
  readonly variable?: string;
  readonly text: string;
  /** What just Enter stands for; without it an answer is needed. */
  readonly otherwise?: string;
  /** Whether several answers with commas between them are taken. */
  readonly many?: true;
  readonly fault: (answer: string) => string | undefined;
}

const { tenantId, applications, executionRoleArn, entryPoints, callers } = tenantSchema.shape;

/** What is wrong with an answer, by the schema of the field that it stands in, and in its words. */
const faultBy =
  (schema: z.ZodMiniType, field: (answer: string) => unknown = (answer) => answer) =>
  (answer: string) => {
    const parsed = z.safeParse(schema, field(answer), { error: () => "" });
    return parsed.success ? undefined : `must be ${faultsOf(parsed.error, field(answer))[0]?.wanted}`;
  };

const listed = (answer: string): string[] => [answer];

const oneOf = (names: readonly string[], what: string) => (answer: string) =>
  names.includes(answer) ? undefined : `must be one of the ${what} (${names.join(", ") || "none"})`;

const variableFaultIn =
  (template: PolicyTemplate | undefined, name: string, id: string) =>
  (answer: string): string | undefined => {
    const wanted = template && wantedValue(template, name, answer, id);
    return wanted && `must be ${wanted}`;
  };

/** The questions whose answers no other answer decides, then those about the policy template that was chosen. */
export const questionsFor = (folder: Folder, chosen: string | undefined, id: string): Question[] => {
  const names = folder.policies.map(({ name }) => name);
  const [only, ...others] = names;
  const template = folder.policies.find(({ name }) => name === chosen);
  return [
    {
      option: "tenantId",
      text: "Tenant id",
      fault: (answer) =>
        folder.tenants.includes(answer)
          ? `must be new: tenants/${answer}.yaml is there already`
          : faultBy(tenantId)(answer),
    },
    {
      option: "application",
      text: "EMR Serverless application id",
      fault: faultBy(applications, (id) => ({ main: id })),
    },
    {
      option: "role",
      text: "Execution role ARN",
      fault: faultBy(executionRoleArn),
    },
    {
      option: "template",
      text: `Policy template (${names.join(", ")})`,
      // What a tenant may reach is nobody's to guess.
      ...(only !== undefined && others.length === 0 && { otherwise: only }),
      fault: oneOf(names, "policy templates"),
    },
    ...Object.entries(template?.variables ?? {}).map(
      ([name, declared]): Question => ({
        option: "variable",
        variable: name,
        text: `Variable ${name}, ${declared.description ?? `a ${declared.type}`}`,
        ...(declared.default !== undefined && { otherwise: declared.default }),
        fault: variableFaultIn(template, name, id),
      }),
    ),
    {
      option: "job-template",
      text: `Job templates that it may start, with commas (${folder.jobs.join(", ") || "none"})`,
      otherwise: "",
      many: true,
      fault: oneOf(folder.jobs, "job templates"),
    },
    {
      option: "entry-point",
      text: "S3 prefixes of its own jobs' code, with commas; none for job templates only",
      otherwise: "",
      many: true,
      fault: faultBy(entryPoints, listed),
    },
    {
      option: "caller",
      text: "Callers, with commas",
      otherwise: "",
      many: true,
      fault: faultBy(callers, listed),
    },
  ];
};
