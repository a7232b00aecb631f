import { type Fault, faultAt, pointerOf } from "#domain/fault.ts";
import { placeholdersIn, strayBraces } from "#domain/placeholder.ts";
import { parameterValues } from "#domain/plan/template-parameters.ts";
import type { JobTemplate } from "./job-template.ts";
import { listed, type SetupDocument, type TenantDraft } from "./setup-documents.ts";
import type { ParameterValue, Schedule, Tenant, Trigger } from "./tenant.ts";
import { isTriggerValue, objectNames, requestOfTrigger } from "./triggered-request.ts";

type JobTemplates = readonly SetupDocument<JobTemplate>[];
type Parameters = Readonly<Record<string, ParameterValue>>;

/** What a trigger or a schedule starts. */
interface Start {
  readonly path: readonly PropertyKey[];
  readonly jobTemplate: string;
  readonly application: string | undefined;
  /** As the file gives them, and as the job template gets them. */
  readonly written: Parameters;
  readonly sent: Parameters;
  /** What is wrong with a value before any job template sees it. */
  readonly misread: (value: ParameterValue) => string | undefined;
}

/** An object that fires the trigger. */
const sampleObject = ({ bucket, prefix, suffix }: Trigger) => ({
  bucket,
  key: `${prefix}sample${suffix}`,
  version: "1",
});

const triggerStart = (trigger: Trigger, at: number): Start => ({
  path: ["triggers", at],
  jobTemplate: trigger.jobTemplate,
  application: trigger.application,
  written: trigger.parameters,
  sent: requestOfTrigger(trigger, sampleObject(trigger)).parameters ?? {},
  misread: (value) =>
    isTriggerValue(value)
      ? undefined
      : `text without placeholders, or one of ${objectNames.map((name) => `{{${name}}}`).join(", ")} alone`,
});

const scheduleStart = ({ jobTemplate, application, parameters }: Schedule, at: number): Start => ({
  path: ["schedules", at],
  jobTemplate,
  application,
  written: parameters,
  sent: parameters,
  misread: (value) =>
    typeof value === "string" && (placeholdersIn(value).length > 0 || strayBraces(value))
      ? "text without placeholders, because a schedule has no object to fill them from"
      : undefined,
});

/** The alias of a start, or what stands in for it, must be one of the tenant's applications. */
const applicationFaults = ({ applications, defaultApplication }: Partial<Tenant>, start: Start): Fault[] => {
  if (applications === undefined) return [];
  const aliases = Object.keys(applications);
  const known = `one of the tenant's applications (${listed(aliases)})`;
  if (start.application !== undefined) {
    const { application } = start;
    return aliases.includes(application) ? [] : [faultAt([...start.path, "application"], application, known)];
  }
  return defaultApplication === undefined && aliases.length > 1
    ? [faultAt([...start.path, "application"], undefined, `${known}, as there is no defaultApplication`)]
    : [];
};

/** Texts whose form follows the object's key: a sample cannot tell whether a pattern will hold. */
const dependsOnObject = (start: Start, template: JobTemplate, name: string): boolean =>
  start.written[name] !== start.sent[name] && template.parameters[name]?.type === "string";

const parameterFaults = (start: Start, template: JobTemplate, tenantId: string): Fault[] => {
  const misread = Object.entries(start.written).flatMap(([name, value]) => {
    const wanted = start.misread(value);
    return wanted === undefined ? [] : [{ name, fault: faultAt([...start.path, "parameters", name], value, wanted) }];
  });
  const unjudged = [
    ...misread.map(({ name }) => name),
    ...Object.keys(start.written).filter((name) => dependsOnObject(start, template, name)),
  ].map((name) => pointerOf(["parameters", name]));
  const judged = parameterValues(template, start.sent, tenantId).faults.filter(
    ({ pointer }) => !unjudged.includes(pointer),
  );
  return [
    ...misread.map(({ fault }) => fault),
    ...judged.map(({ kind: _kind, ...fault }) => ({ ...fault, pointer: pointerOf(start.path) + fault.pointer })),
  ];
};

const templateFaults = ({ tenant, tenantId }: TenantDraft, start: Start, templates: JobTemplates): Fault[] => {
  const names = tenant.jobTemplates;
  if (names !== undefined && !names.includes(start.jobTemplate)) {
    const wanted = `one of the tenant's job templates (${listed(names)})`;
    return [faultAt([...start.path, "jobTemplate"], start.jobTemplate, wanted)];
  }
  return templates
    .filter(({ name }) => name === start.jobTemplate)
    .flatMap(({ value }) => (value === undefined ? [] : parameterFaults(start, value, tenantId)));
};

/** Whether every trigger and schedule starts a job template of the tenant, on one of its applications, with values that fit. */
export const startFaults = (draft: TenantDraft, templates: JobTemplates): Fault[] => {
  const starts = [
    ...(draft.tenant.triggers ?? []).map(triggerStart),
    ...(draft.tenant.schedules ?? []).map(scheduleStart),
  ];
  return starts.flatMap((start) => [
    ...applicationFaults(draft.tenant, start),
    ...templateFaults(draft, start, templates),
  ]);
};
