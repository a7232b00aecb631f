import { splitArguments } from "#domain/rails/arguments.ts";
import { type Engine, hiveEngine, sparkEngine } from "#domain/rails/engines.ts";
import type { JobTemplate } from "#domain/tenant/job-template.ts";
import { type Sourcing, templateText, type ValueSource } from "./source.ts";

const tokensOf = (text: string): string[] => {
  const split = splitArguments(text);
  return split.verdict === "split" ? split.tokens : [];
};

/** What added a property that nobody asked for, in the order in which the rules come. */
const byRules = (
  { setup: { tenant }, changes }: Sourcing,
  engine: Engine,
  key: string,
): ValueSource["source"] | undefined => {
  if (!changes.some(({ field }) => field === `${engine.field}/${key}`)) return undefined;
  const { enforced, default: defaults } = tenant[engine.field];
  if (Object.hasOwn(enforced, key)) return "enforced";
  return Object.hasOwn(defaults, key) ? "default" : "guard rail";
};

/** The properties in the parameters of a job, each with what set it; and what else stands there. */
export const propertySources = (
  sourcing: Sourcing,
  template: JobTemplate | undefined,
  pointer: string,
): ValueSource[] => {
  const { request, changes, input } = sourcing;
  const { sparkSubmit, hive } = input.jobDriver;
  const engine = sparkSubmit === undefined ? hiveEngine : sparkEngine;
  const tokens = tokensOf(sparkSubmit?.sparkSubmitParameters ?? hive?.parameters ?? "");
  const { settings } = engine.read(tokens);
  const own = template?.[engine.name === "Spark" ? "sparkProperties" : "hiveProperties"] ?? {};
  const asked =
    template === undefined
      ? ({ source: "request", rule: `parameters of the job request` } as const)
      : ({ source: "job template", rule: `parameters of job template "${template.name}"` } as const);
  const properties = settings.map(({ key }): ValueSource => {
    const source = byRules(sourcing, engine, key);
    const rule = changes.find(({ field }) => field === `${engine.field}/${key}`)?.rule;
    if (source !== undefined && rule !== undefined) return { pointer, key, source, rule };
    if (template !== undefined && Object.hasOwn(own, key)) {
      return { pointer, key, ...templateText(template, own[key], request) };
    }
    return { pointer, key, ...asked };
  });
  const told = settings.reduce((sum, { length }) => sum + length, 0);
  return told < tokens.length ? [...properties, { pointer, ...asked }] : properties;
};
