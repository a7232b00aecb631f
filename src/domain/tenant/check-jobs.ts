import { type Fault, faultAt, pointerOf } from "#domain/fault.ts";
import { placeholdersIn } from "#domain/placeholder.ts";
import { unfilledJob } from "#domain/plan/job-of.ts";
import { ruledJob } from "#domain/plan/ruled-job.ts";
import { parameterValues } from "#domain/plan/template-parameters.ts";
import { hiveEngine, sparkEngine } from "#domain/rails/engines.ts";
import { means } from "#domain/rails/setting.ts";
import { propertyRuleFaults } from "./check-properties.ts";
import type { JobTemplate } from "./job-template.ts";
import { listed, repeats, type SetupDocument, type SetupFault, type TenantDraft } from "./setup-documents.ts";
import type { Tenant } from "./tenant.ts";

type JobTemplates = readonly SetupDocument<JobTemplate>[];

const applicationFaults = ({ applications, defaultApplication }: Partial<Tenant>): Fault[] => {
  if (applications === undefined || defaultApplication === undefined) return [];
  if (Object.hasOwn(applications, defaultApplication)) return [];
  const known = listed(Object.keys(applications));
  return [faultAt(["defaultApplication"], defaultApplication, `one of the tenant's applications (${known})`)];
};

const timeoutFaults = ({ executionTimeout }: Partial<Tenant>): Fault[] => {
  if (executionTimeout === undefined) return [];
  const { defaultMinutes, maxMinutes, streamingWithoutTimeout } = executionTimeout;
  const path = (field: string): string[] => ["executionTimeout", field];
  if (maxMinutes === 0) return [faultAt(path("maxMinutes"), 0, "at least 5: under a cap of 0 no job can run")];
  if (defaultMinutes > maxMinutes) {
    return [faultAt(path("defaultMinutes"), defaultMinutes, `at most maxMinutes, which is ${maxMinutes}`)];
  }
  return defaultMinutes === 0 && !streamingWithoutTimeout
    ? [faultAt(path("defaultMinutes"), 0, "at least 5, because streamingWithoutTimeout is false")]
    : [];
};

/** The first rule of the tenant's that a job template breaks, whatever its parameters are. */
const brokenRule = (tenant: Partial<Tenant>, template: JobTemplate): string | undefined => {
  const { tenantId = "", entryPoints = [], spark, hive, guardRails } = tenant;
  if (spark === undefined || hive === undefined || guardRails === undefined) return undefined;
  const { faults } = ruledJob(unfilledJob(template), { ...tenant, tenantId, entryPoints, spark, hive, guardRails });
  const fault = faults.find(({ current }) => current === undefined || placeholdersIn(current).length === 0);
  return fault === undefined ? undefined : `that keeps the tenant's rules, and ${fault.pointer} ${fault.message}`;
};

/** What keeps every run of a job template from starting in this tenant. */
const unusable = (tenant: Partial<Tenant>, template: JobTemplate): string | undefined => {
  const { executionTimeout, spark } = tenant;
  const minutes = template.executionTimeoutMinutes;
  if (minutes !== undefined && executionTimeout !== undefined) {
    const { maxMinutes, streamingWithoutTimeout } = executionTimeout;
    if (minutes > maxMinutes) return `whose executionTimeoutMinutes (${minutes}) is at most ${maxMinutes}`;
    if (minutes === 0 && !streamingWithoutTimeout) return "with an executionTimeoutMinutes other than 0";
  }
  const keys = Object.keys(template.sparkProperties);
  const rule = spark?.forbidden.find((forbidden) => keys.some((key) => means(forbidden, key)));
  return rule === undefined
    ? brokenRule(tenant, template)
    : `without Spark properties that the forbidden rule "${rule}" matches`;
};

const listedFaults = ({ tenant }: TenantDraft, templates: JobTemplates): Fault[] =>
  (tenant.jobTemplates ?? []).flatMap((name, at) => {
    const path = ["jobTemplates", at];
    const named = templates.filter((template) => template.name === name);
    const known = listed(templates.map((template) => template.name));
    if (named.length === 0) return [faultAt(path, name, `one of the job templates (${known})`)];
    return named.flatMap(({ value }) => {
      const reason = value === undefined ? undefined : unusable(tenant, value);
      return reason === undefined ? [] : [faultAt(path, name, `a job template ${reason}`)];
    });
  });

const repeatedNames = ({ tenant }: TenantDraft): Fault[] => [
  ...repeats(
    (tenant.jobTemplates ?? []).map((key, at) => ({ key, path: ["jobTemplates", at] })),
    "listed once",
  ),
  ...repeats(
    (tenant.triggers ?? []).map(({ name }, at) => ({ key: name, path: ["triggers", at, "name"] })),
    "a name that no other trigger of the tenant has",
  ),
];

/** Whether the tenant's applications, time limits, Spark properties and job templates fit each other. */
export const jobFaults = (draft: TenantDraft, templates: JobTemplates): Fault[] => [
  ...applicationFaults(draft.tenant),
  ...timeoutFaults(draft.tenant),
  ...propertyRuleFaults(draft, sparkEngine),
  ...propertyRuleFaults(draft, hiveEngine),
  ...listedFaults(draft, templates),
  ...repeatedNames(draft),
];

/**
 * Defaults that the parameters of a job template refuse themselves. Whether an S3 default lies below its prefixes depends on
 * the tenant, so that is judged for the tenants that list the template.
 */
export const jobTemplateFaults = (templates: JobTemplates, drafts: readonly TenantDraft[]): SetupFault[] =>
  templates.flatMap(({ source, name, value }) => {
    if (value === undefined) return [];
    const users = drafts.filter(({ tenant }) => tenant.jobTemplates?.includes(name));
    const found = new Map<string, SetupFault>();
    for (const tenantId of users.length === 0 ? [undefined] : users.map((user) => user.tenantId)) {
      for (const fault of defaultFaults(value, tenantId)) found.set(fault.pointer, { ...fault, source });
    }
    return [...found.values()];
  });

const defaultFaults = (template: JobTemplate, tenantId: string | undefined): Fault[] => {
  const withDefault = Object.keys(template.parameters).filter(
    (name) => template.parameters[name]?.default !== undefined,
  );
  return parameterValues(template, {}, tenantId ?? "")
    .faults.filter(({ kind }) => tenantId !== undefined || kind !== "denied")
    .flatMap(({ kind: _kind, ...fault }) =>
      withDefault.some((name) => fault.pointer === pointerOf(["parameters", name]))
        ? [{ ...fault, pointer: `${fault.pointer}/default` }]
        : [],
    );
};
