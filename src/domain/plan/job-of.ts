import { deniedAt, type Fault, faultAt } from "#domain/fault.ts";
import { fill, mapStrings } from "#domain/placeholder.ts";
import { joinArguments, splitArguments } from "#domain/rails/arguments.ts";
import type { JobRequest } from "#domain/request/job-request.ts";
import type { ConfigurationOverrides, JobDriver } from "#domain/request/job-run-fields.ts";
import type { JobTemplate } from "#domain/tenant/job-template.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { entryPointFaults } from "./entry-points.ts";
import { logDestinationFaults } from "./log-destinations.ts";
import { parameterValues } from "./template-parameters.ts";

/** What will run, before the tenant's rules: from the job request itself, or from the job template that it names. */
export interface Job {
  readonly jobDriver: JobDriver;
  readonly name: string;
  readonly mode: "BATCH" | "STREAMING" | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly executionTimeoutMinutes: number | undefined;
  readonly retryPolicy: JobRequest["retryPolicy"];
  readonly configurationOverrides: ConfigurationOverrides;
}

/** A job with faults is there for the rules that come after it, so that a refusal lists all faults at once. */
export interface JobOf {
  readonly job?: Job;
  readonly faults: readonly Fault[];
}

/** Fields of a job template that a caller may still set; everything else is the template's. */
const ofTheTemplate = ["mode", "retryPolicy", "configurationOverrides"] as const;

/** What the tenant forbids of a job that no job template made: its code, and where its logs go. */
export const adHocFaults = (jobDriver: JobDriver, overrides: ConfigurationOverrides, tenant: Tenant): Fault[] => [
  ...(tenant.adHoc
    ? entryPointFaults(jobDriver, tenant)
    : [deniedAt(["jobDriver"], Object.keys(jobDriver)[0], "is not allowed: this tenant runs job templates only")]),
  ...logDestinationFaults(overrides, tenant),
];

const adHocJob = (request: JobRequest, jobDriver: JobDriver, { tenant }: TenantSetup): JobOf => {
  const { name = "job", mode, tags = {}, executionTimeoutMinutes, retryPolicy, configurationOverrides = {} } = request;
  const faults = adHocFaults(jobDriver, configurationOverrides, tenant);
  if (request.parameters !== undefined) {
    faults.push(faultAt(["parameters"], request.parameters, "absent: only job templates have parameters"));
  }
  return {
    job: { jobDriver, name, mode, tags, executionTimeoutMinutes, retryPolicy, configurationOverrides },
    faults,
  };
};

/** What the template's own line leaves open would swallow what is added to it, and a value could close it. */
const isOpen = (line: string): boolean => splitArguments(line).verdict === "unbalanced";

const withProperties = (
  line: string | undefined,
  option: string,
  properties: Readonly<Record<string, string>>,
): string | undefined => {
  const added = Object.entries(properties).flatMap(([key, value]) => [option, `${key}=${value}`]);
  if (added.length === 0 || isOpen(line ?? "")) return line;
  return line === undefined ? joinArguments(added) : `${line} ${joinArguments(added)}`;
};

/** The template's job driver with its properties as parameters. Values were filled in one by one: none reaches another argument. */
const templateDriver = ({ jobDriver, sparkProperties, hiveProperties }: JobTemplate): JobDriver => {
  const { sparkSubmit, hive } = jobDriver;
  if (sparkSubmit !== undefined) {
    const sparkSubmitParameters = withProperties(sparkSubmit.sparkSubmitParameters, "--conf", sparkProperties);
    return { sparkSubmit: { ...sparkSubmit, ...(sparkSubmitParameters && { sparkSubmitParameters }) } };
  }
  if (hive === undefined) return jobDriver;
  const parameters = withProperties(hive.parameters, "--hiveconf", hiveProperties);
  return { hive: { ...hive, ...(parameters && { parameters }) } };
};

/** A job template as a job whose placeholders are not filled: what the tenant's rules can judge of it beforehand. */
export const unfilledJob = (template: JobTemplate): Job => ({
  jobDriver: templateDriver(template),
  name: template.jobRunName ?? template.name,
  mode: template.mode,
  tags: template.tags ?? {},
  executionTimeoutMinutes: template.executionTimeoutMinutes,
  retryPolicy: template.retryPolicy,
  configurationOverrides: template.configurationOverrides ?? {},
});

interface TemplateJob {
  readonly request: JobRequest;
  readonly template: JobTemplate;
  readonly setup: TenantSetup;
  readonly names: Readonly<Record<string, string>>;
}

const templateJob = ({ request, template, setup, names }: TemplateJob): JobOf => {
  const { values, faults } = parameterValues(template, request.parameters ?? {}, setup.tenant.tenantId);
  for (const field of ofTheTemplate.filter((key) => request[key] !== undefined)) {
    faults.push(deniedAt([field], request[field], `is not allowed: job template "${template.name}" sets it`));
  }
  const known = { ...names, ...values };
  const texts = filledTemplate(template, known);
  return {
    job: {
      jobDriver: templateDriver(texts),
      name: request.name ?? texts.jobRunName ?? template.name,
      mode: template.mode,
      tags: { ...template.tags, ...request.tags },
      executionTimeoutMinutes: request.executionTimeoutMinutes ?? template.executionTimeoutMinutes,
      retryPolicy: template.retryPolicy,
      configurationOverrides: texts.configurationOverrides ?? {},
    },
    faults,
  };
};

const filledTemplate = (template: JobTemplate, known: Readonly<Record<string, string>>): JobTemplate => {
  const fillText = <T>(value: T): T => mapStrings(value, (text) => fill(text, (name) => known[name] ?? "")) as T;
  return {
    ...template,
    jobDriver: fillText(template.jobDriver),
    jobRunName: fillText(template.jobRunName),
    sparkProperties: fillText(template.sparkProperties),
    hiveProperties: fillText(template.hiveProperties),
    configurationOverrides: fillText(template.configurationOverrides),
  };
};

/** The job of a request; `names` are the values of `tenant.id`, `submission.id` and `application.id`. */
export const jobOf = (request: JobRequest, setup: TenantSetup, names: Readonly<Record<string, string>>): JobOf => {
  if (request.jobDriver !== undefined) return adHocJob(request, request.jobDriver, setup);
  const template = setup.jobTemplates.find(({ name }) => name === request.jobTemplate);
  if (template === undefined) {
    const known = setup.jobTemplates.map(({ name }) => name).join(", ") || "none";
    return { faults: [faultAt(["jobTemplate"], request.jobTemplate, `one of the tenant's job templates (${known})`)] };
  }
  return templateJob({ request, template, setup, names });
};
