import { pointerOf } from "#domain/fault.ts";
import type { JobTemplate } from "#domain/tenant/job-template.ts";
import { propertySources } from "./property-sources.ts";
import { type Sourcing, type Told, templateText, type ValueSource } from "./source.ts";

type Path = readonly string[];

const isNested = (value: unknown): value is object => typeof value === "object" && value !== null;

/** The paths of all values that have no others in them. */
const leavesOf = (value: unknown, path: Path = []): Path[] =>
  isNested(value) && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([key, item]) => leavesOf(item, [...path, key]))
    : [path];

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((found, key) => (isNested(found) ? Reflect.get(found, key) : undefined), value);

const tenantSays = (field: string): Told => ({ source: "tenant", rule: `"${field}" of the tenant's file` });

const ofJob = (sourcing: Sourcing, template: JobTemplate | undefined, path: Path): Told =>
  template === undefined
    ? { source: "request", rule: `"${path[0]}" of the job request` }
    : templateText(template, valueAt(template, path), sourcing.request);

const ofTag = ({ setup: { tenant }, request }: Sourcing, template: JobTemplate | undefined, key: string): Told => {
  if (key.startsWith("sluice:")) return { source: "sluice", rule: "Sluice's own tag" };
  if (Object.hasOwn(tenant.tags, key)) return tenantSays("tags");
  if (Object.hasOwn(request.tags ?? {}, key) || template === undefined) {
    return { source: "request", rule: '"tags" of the job request' };
  }
  return { source: "job template", rule: `job template "${template.name}"` };
};

const ofTimeout = ({ request, setup }: Sourcing, template: JobTemplate | undefined): Told => {
  const field = "executionTimeoutMinutes";
  if (request.executionTimeoutMinutes !== undefined)
    return { source: "request", rule: `"${field}" of the job request` };
  if (template?.executionTimeoutMinutes !== undefined) {
    return { source: "job template", rule: `"${field}" of job template "${template.name}"` };
  }
  const { defaultMinutes, maxMinutes } = setup.tenant.executionTimeout;
  return tenantSays(`executionTimeout/${defaultMinutes <= maxMinutes ? "defaultMinutes" : "maxMinutes"}`);
};

const ofName = ({ request }: Sourcing, template: JobTemplate | undefined): Told => {
  const rule = "with the submission id behind it, by which the run can be found";
  if (request.name !== undefined) return { source: "request", rule: `"name" of the job request, ${rule}` };
  if (template === undefined) return { source: "sluice", rule: `"job", because the job request has no name, ${rule}` };
  return { source: "job template", rule: `job template "${template.name}", ${rule}` };
};

const ofApplication = ({ setup: { tenant }, request }: Sourcing): Told =>
  request.application === undefined
    ? tenantSays(tenant.defaultApplication === undefined ? "applications" : "defaultApplication")
    : { source: "request", rule: `alias "${request.application}" among "applications" of the tenant's file` };

const ofPolicy = ({ setup: { tenant } }: Sourcing, path: Path): Told =>
  path[1] === "policyArns"
    ? tenantSays("policy/managedPolicyArns")
    : { source: "tenant", rule: `policy template "${tenant.policy.template}", rendered for the tenant` };

const toldOf = (sourcing: Sourcing, template: JobTemplate | undefined, path: Path): Told => {
  const [field = "", member = "", part = ""] = path;
  if (field === "applicationId") return ofApplication(sourcing);
  if (field === "clientToken") return { source: "sluice", rule: "the submission id" };
  if (field === "executionRoleArn") return tenantSays(field);
  if (field === "executionIamPolicy") return ofPolicy(sourcing, path);
  if (field === "tags") return ofTag(sourcing, template, member);
  if (field === "executionTimeoutMinutes") return ofTimeout(sourcing, template);
  if (field === "name") return ofName(sourcing, template);
  const { monitoringConfiguration = {} } = sourcing.setup.tenant;
  if (member === "monitoringConfiguration" && Object.hasOwn(monitoringConfiguration, part)) return tenantSays(member);
  return ofJob(sourcing, template, path);
};

/** The texts that properties are joined in: each property has its own source. */
const joined = ["sparkSubmitParameters", "parameters"];

/** Every value of a StartJobRun input with the rule that put it there. */
export const valueSources = (sourcing: Sourcing): ValueSource[] => {
  const { setup, request, input } = sourcing;
  const template = setup.jobTemplates.find(({ name }) => name === request.jobTemplate);
  return leavesOf(input).flatMap((path): ValueSource[] => {
    const pointer = pointerOf(path);
    if (path[0] === "jobDriver" && joined.includes(path[2] ?? "")) return propertySources(sourcing, template, pointer);
    return [{ pointer, ...toldOf(sourcing, template, path) }];
  });
};
