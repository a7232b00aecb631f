import { actionOf, actions } from "./actions.ts";
import { holds } from "./condition.ts";
import { type Decision, evaluate, type Request, type StatementPart, unmet } from "./evaluate.ts";
import { after, isStep, matches, readPattern, type Step, settled } from "./pattern.ts";
import type { Policy, Statement } from "./statement.ts";

/** A part of a statement that a call does not meet, and what the statement has there. */
export interface Miss {
  readonly part: StatementPart;
  /** The element of the statement, such as `Action` or `NotResource`; of a condition its operator and its key. */
  readonly element: string;
  /** The key of a condition. */
  readonly key?: string;
  /** Its values; of resources only the one that the call comes nearest to, but for `NotResource`. */
  readonly values: readonly string[];
}

/** A statement that a call does not match, and by what. */
export interface MissedStatement {
  readonly policy: string;
  readonly statement: Statement;
  readonly misses: readonly Miss[];
}

/** An answer with its reason: the deciding statement, or the Allow that was nearest. */
export interface Answer extends Decision {
  /** Of an implicit deny: the Allow that the call misses by the least, where one is of its service at all. */
  readonly nearest?: MissedStatement;
  /** Of an allow: the Denies that miss the call only by condition keys which it does not tell. */
  readonly unless?: readonly MissedStatement[];
}

const stepsOf = (pattern: string): Step[] => (readPattern(pattern, "widest") ?? []).filter(isStep);

/** How many characters of a text a pattern goes along with. */
const sharedLength = (pattern: string, text: string): number => {
  const steps = stepsOf(pattern);
  let places = settled(steps, new Set([0]));
  for (let at = 0; at < text.length; at += 1) {
    places = after(steps, places, text.charAt(at));
    if (places.size === 0) return at;
  }
  return text.length;
};

/** The resource that goes along with the ARN for longest. */
const nearestResource = (
  { resource = [] }: Statement,
  arn: string,
): { readonly text: string; readonly length: number } =>
  resource
    .map((text) => ({ text, length: sharedLength(text, arn) }))
    .reduce((best, one) => (one.length > best.length ? one : best), { text: "", length: -1 });

/** An ARN up to what it names first, such as the bucket. */
const upToName = (arn: string): string => /^([^:]*:){5}[^:/]*/.exec(arn)?.[0] ?? arn;

/** Whether a resource has the same first name, such as the bucket. */
const namesTheSame = ({ resource = [] }: Statement, arn: string): boolean =>
  resource.some((pattern) => matches(stepsOf(upToName(pattern)), upToName(arn)));

const conditionMisses = ({ condition = {}, effect }: Statement, { context }: Request): Miss[] =>
  Object.entries(condition).flatMap(([operator, block]) =>
    Object.entries(block)
      .filter(([key, value]) => !holds({ [operator]: { [key]: value } }, context, effect === "Allow"))
      .map(([key, value]): Miss => {
        const values = (Array.isArray(value) ? value : [value]).map(String);
        return { part: "condition", element: `${operator} ${key}`, key, values };
      }),
  );

const missesOf = (part: StatementPart, statement: Statement, request: Request): readonly Miss[] => {
  if (part === "condition") return conditionMisses(statement, request);
  const { action, notAction = [], resource, notResource = [] } = statement;
  if (part === "action") {
    return [
      action === undefined
        ? { part, element: "NotAction", values: notAction }
        : { part, element: "Action", values: action },
    ];
  }
  return resource === undefined
    ? [{ part, element: "NotResource", values: notResource }]
    : [{ part, element: "Resource", values: [nearestResource(statement, request.resource).text] }];
};

/** Whether a statement has to do with the service of a call at all. */
const isOfService = ({ action }: Statement, called: string): boolean =>
  action === undefined ||
  actionOf(actions(action), actions([`${called.slice(0, called.indexOf(":"))}:*`])) !== undefined;

/**
 * How far a statement is from a call, the parts that it fails added up. A condition is the least: the call may meet it
 * another time. A resource of the same bucket comes next, then another action on this very resource, then another bucket.
 */
const distance = (parts: readonly StatementPart[], statement: Statement, { resource }: Request): number => {
  const costs: Readonly<Record<StatementPart, number>> = {
    condition: 1,
    resource: namesTheSame(statement, resource) ? 2 : 4,
    action: 3,
  };
  return parts.reduce((sum, part) => sum + costs[part], 0);
};

const nearestOf = (policies: readonly Policy[], request: Request): MissedStatement | undefined => {
  const ranked = policies
    .flatMap(({ name, statements }) => statements.map((statement) => ({ policy: name, statement })))
    .filter(({ statement }) => statement.effect === "Allow" && isOfService(statement, request.action))
    .map(({ policy, statement }) => {
      const parts = unmet(statement, request);
      const shared = nearestResource(statement, request.resource).length;
      return { policy, statement, parts, shared, distance: distance(parts, statement, request) };
    })
    .sort((one, other) => one.distance - other.distance || other.shared - one.shared);
  const [first] = ranked;
  if (first === undefined) return undefined;
  const { policy, statement, parts } = first;
  return { policy, statement, misses: parts.flatMap((part) => missesOf(part, statement, request)) };
};

/** The Denies that would decide if the call had other condition keys than it tells. */
const possibleDenies = (policies: readonly Policy[], request: Request): MissedStatement[] => {
  const told = new Set(Object.keys(request.context).map((key) => key.toLowerCase()));
  return policies.flatMap(({ name, statements }) =>
    statements.flatMap((statement) => {
      if (statement.effect !== "Deny" || unmet(statement, request).join() !== "condition") return [];
      const misses = conditionMisses(statement, request);
      return misses.some(({ key = "" }) => told.has(key.toLowerCase())) ? [] : [{ policy: name, statement, misses }];
    }),
  );
};

/** Whether the policies let a tenant's job do this, and which statement decides. */
export const can = (policies: readonly Policy[], request: Request): Answer => {
  const decision = evaluate(policies, request);
  if (decision.verdict === "explicit-deny") return decision;
  if (decision.verdict === "allow") {
    const unless = possibleDenies(policies, request);
    return unless.length === 0 ? decision : { ...decision, unless };
  }
  const nearest = nearestOf(policies, request);
  return nearest === undefined ? decision : { ...decision, nearest };
};
