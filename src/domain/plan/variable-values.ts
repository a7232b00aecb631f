import { type Fault, faultAt } from "#domain/fault.ts";
import { fill } from "#domain/placeholder.ts";
import type { PolicyTemplate, VariableType } from "#domain/tenant/policy-template.ts";

/**
 * What a variable's value may look like. None admits `*`, `?` or `$` (they widen an IAM pattern), a control character
 * or a quote; only `path` and `arn` admit `/`.
 */
const forms: Record<VariableType, { readonly pattern: RegExp; readonly wanted: string }> = {
  segment: {
    pattern: /^(?!\.{1,2}$)[A-Za-z0-9_.=+@:-]+$/,
    wanted: 'one path segment of letters, digits and "_.=+@:-", without "/"',
  },
  path: {
    pattern: /^(?!\.{1,2}(\/|$))[A-Za-z0-9_.=+@:-]+(\/(?!\.{1,2}(\/|$))[A-Za-z0-9_.=+@:-]+)*$/,
    wanted: 'path segments with single "/" between them, none at the ends',
  },
  bucket: { pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, wanted: "an S3 bucket name" },
  name: { pattern: /^[A-Za-z0-9_][A-Za-z0-9_-]*$/, wanted: 'a name of letters, digits, "_" and "-"' },
  arn: {
    pattern: /^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:[A-Za-z0-9_.=+@:/-]+$/,
    wanted: "one ARN without wildcards",
  },
};

/** What is wrong with a value of this type; nothing where it is fine. */
export const variableFault = (type: VariableType, value: string): string | undefined =>
  forms[type].pattern.test(value) ? undefined : `must be ${forms[type].wanted}`;

/** A pattern's `*` and `?` stand for characters that the value's type has anyway. */
const fitsPattern = (value: string, pattern: string | undefined, tenantId: string): boolean =>
  pattern === undefined || new RegExp(`^${regularExpression(fill(pattern, () => tenantId))}$`, "s").test(value);

const regularExpression = (pattern: string): string =>
  pattern.replace(/[.+]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");

/** What a value of a template's variable must be instead; nothing where it is fine. */
export const wantedValue = (
  template: PolicyTemplate,
  key: string,
  value: string | undefined,
  tenantId: string,
): string | undefined => {
  const declared = template.variables[key];
  if (declared === undefined) return "a variable of the policy template";
  const form = forms[declared.type];
  if (value === undefined || !form.pattern.test(value)) return form.wanted;
  if (fitsPattern(value, declared.pattern, tenantId)) return undefined;
  return `text such as "${fill(declared.pattern ?? "", () => tenantId)}", as policy template "${template.name}" has it`;
};

interface Values {
  readonly values: Record<string, string>;
  readonly faults: Fault[];
}

/** The values of a policy template's variables for a tenant: its own, or the template's defaults; every fault listed. */
export const variableValues = (
  template: PolicyTemplate,
  given: Readonly<Record<string, string>>,
  tenantId: string,
): Values => {
  const faults: Fault[] = [];
  const values: Record<string, string> = {};
  const at = (key: string): string[] => ["policy", "variables", key];
  for (const key of Object.keys(template.variables)) {
    const value = Object.hasOwn(given, key) ? given[key] : template.variables[key]?.default;
    const wanted = wantedValue(template, key, value, tenantId);
    if (value !== undefined && wanted === undefined) values[key] = value;
    else faults.push(faultAt(at(key), value, wanted ?? "given"));
  }
  for (const key of Object.keys(given).filter((name) => !Object.hasOwn(template.variables, name))) {
    const known = Object.keys(template.variables).join(", ") || "none";
    faults.push(faultAt(at(key), given[key], `a variable of policy template "${template.name}" (${known})`));
  }
  return { values, faults };
};
