import { fill, mapStrings } from "#domain/placeholder.ts";
import type { PolicyTemplate, SharedEntry } from "#domain/tenant/policy-template.ts";
import { type Actions, actions, coversActions } from "./actions.ts";
import { findText } from "./find-text.ts";
import { type Reach, reachesOf } from "./grants.ts";
import { isIncluded, type Patterns } from "./inclusion.ts";
import type { Variables } from "./marked.ts";
import { namesIn, type Part, readPattern, type Step } from "./pattern.ts";
import { type Policy, statementsOf } from "./statement.ts";

/** A pattern with its text, as it stands in the template or as it is for a tenant. */
export interface Written {
  readonly text: string;
  readonly parts: readonly Part[];
}

export interface SharedSet {
  readonly entry: SharedEntry;
  readonly actions: Actions;
  readonly resources: readonly Written[];
}

/** What is proved of: a policy template for whatever values, or a tenant's own policies. */
export interface Subject {
  readonly template: string;
  /** Absent where the subject is a template. */
  readonly tenantId?: string;
  readonly policies: readonly Policy[];
  readonly reaches: readonly Reach[];
  readonly territory: readonly Written[];
  readonly shared: readonly SharedSet[];
  readonly variables: Variables;
}

export type Values = Readonly<Record<string, string>>;

/** The text with the known placeholders filled; the others stay. */
const partly = (text: string, values: Values): string =>
  fill(text, (name) => (Object.hasOwn(values, name) ? (values[name] ?? "") : `{{${name}}}`));

const writtenOf = (text: string, values: Values): Written => {
  const filled = partly(text, values);
  return { text: filled, parts: readPattern(filled, "widest") ?? [] };
};

/** The statements of a template's document, with the known placeholders filled. */
export const policyOf = (template: PolicyTemplate, values: Values): Policy => {
  const statements = statementsOf(mapStrings(template.document, (text) => partly(text, values)));
  if (statements === undefined) throw new Error(`Policy template "${template.name}" was not checked, this is a bug`);
  return { name: template.name, statements };
};

interface Own {
  readonly tenantId?: string;
  readonly values: Values;
  readonly managed: readonly Policy[];
}

const noValues: Own = { values: {}, managed: [] };

/** A template as what it lets reach, for whatever values; or for a tenant, with its values and its managed policies. */
export const subjectOf = (template: PolicyTemplate, { tenantId, values, managed }: Own = noValues): Subject => {
  const policies = [policyOf(template, values), ...managed];
  return {
    template: template.name,
    ...(tenantId !== undefined && { tenantId }),
    policies,
    reaches: reachesOf(policies, template.variables),
    territory: template.territory.map((text) => writtenOf(text, values)),
    shared: template.shared.map((entry) => ({
      entry,
      actions: actions(entry.actions),
      resources: entry.resources.map((text) => writtenOf(text, values)),
    })),
    variables: template.variables,
  };
};

const patternsOf = (written: readonly Written[]): Patterns => written.map(({ parts }) => parts);

const plainSteps = (patterns: Patterns): Step[][] =>
  patterns.map((parts) => parts.flatMap((part) => (part.kind === "placeholder" ? [] : [part])));

/** Whether all that a grant reaches is the subject's territory, or shared for these very actions. */
export const isHeld = (reach: Reach, { territory, shared }: Subject): boolean => {
  const sharing = shared.filter((set) => coversActions(set.actions, reach.actions));
  const cover = [...patternsOf(territory), ...sharing.flatMap(({ resources }) => patternsOf(resources)), ...reach.none];
  if (reach.all.some((group) => group.every((parts) => isIncluded(parts, cover)))) return true;
  // Without placeholders the groups can be taken together: a text must be in all of them.
  const all = [...reach.all.flat(), ...cover];
  if (reach.all.length < 2 || all.some((parts) => namesIn(parts).length > 0)) return false;
  return findText({ all: reach.all.map(plainSteps), none: plainSteps(cover) }).verdict === "none";
};
