/** Which way a change moves what is allowed. It is said where it may be so: nothing that grows goes without the word. */
export type Direction = "grows" | "shrinks" | "grows or shrinks" | "same";

/** One entry of a statement that came or went. */
export interface PartChange {
  /** `Action`, `Resource`, `NotAction`, `NotResource`, or a condition such as `StringLike s3:prefix`. */
  readonly part: string;
  readonly change: "added" | "removed";
  readonly value: string;
  readonly direction: Direction;
}

/** A statement that differs between two policies, by its Sid or else by its place: "statement 2". */
export interface StatementChange {
  readonly statement: string;
  readonly effect: "Allow" | "Deny";
  readonly change: "added" | "removed" | "changed";
  readonly direction: Direction;
  readonly parts: readonly PartChange[];
}

/** A statement as lists: part → values, each part either of what it means or of what it leaves out. */
interface Statement {
  readonly name: string;
  readonly effect: "Allow" | "Deny";
  readonly parts: ReadonlyMap<string, readonly string[]>;
}

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const entriesOf = (value: unknown): [string, unknown][] => (isObject(value) ? Object.entries(value) : []);

const elements = ["Action", "NotAction", "Resource", "NotResource"] as const;

const partsOf = (statement: Readonly<Record<string, unknown>>): ReadonlyMap<string, readonly string[]> => {
  const parts = new Map<string, readonly string[]>();
  for (const element of elements) {
    if (statement[element] !== undefined) parts.set(element, listOf(statement[element]));
  }
  for (const [operator, keys] of entriesOf(statement["Condition"])) {
    for (const [key, values] of entriesOf(keys)) parts.set(`${operator} ${key}`, listOf(values));
  }
  return parts;
};

/**
 * The statements of a policy document; those without a Sid of their own are counted. It is not parsed: what is stored may
 * be of a time with other rules, and is compared all the same.
 */
const statementsOf = (document: unknown): Statement[] => {
  const found = isObject(document) ? document["Statement"] : undefined;
  const seen = new Set<unknown>();
  return (Array.isArray(found) ? found : [found]).filter(isObject).map((statement, at) => {
    const sid = statement["Sid"];
    const name = typeof sid === "string" && sid !== "" && !seen.has(sid) ? sid : `statement ${at + 1}`;
    seen.add(sid);
    return { name, effect: statement["Effect"] === "Deny" ? "Deny" : "Allow", parts: partsOf(statement) };
  });
};

const opposite: Readonly<Record<Direction, Direction>> = {
  grows: "shrinks",
  shrinks: "grows",
  "grows or shrinks": "grows or shrinks",
  same: "same",
};

const isCondition = (part: string): boolean => part.includes(" ");

/** Parts whose values take away: the more of them there are, the less the statement matches. */
const excludes = (part: string): boolean => part === "NotAction" || part === "NotResource" || /Not[A-Z]\S* /.test(part);

/** Whether one pattern surely takes all that the other takes: the same, or a prefix with "*". Actions know no case. */
const covers = (part: string, one: string, other: string): boolean => {
  if (isCondition(part)) return one === other;
  const [wide, narrow] = part.endsWith("Action") ? [one.toLowerCase(), other.toLowerCase()] : [one, other];
  const prefix = wide.slice(0, -1);
  return wide === narrow || (wide.endsWith("*") && !/[*?$]/.test(prefix) && narrow.startsWith(prefix));
};

/** Which way a statement's matches move with one value; the statement's effect is not counted yet. */
const directionOf = (
  part: string,
  change: PartChange["change"],
  others: readonly string[],
  value: string,
): Direction => {
  if (others.some((other) => covers(part, other, value))) return "same";
  const wider = (change === "added") !== excludes(part);
  return wider ? "grows" : "shrinks";
};

/** What a part that is there on one side only does: a condition narrows, an element stands in for its opposite. */
const lonePart = (part: string, change: PartChange["change"]): Direction => {
  if (!isCondition(part)) return "grows or shrinks";
  return change === "added" ? "shrinks" : "grows";
};

const partChanges = (part: string, before: Statement, after: Statement): PartChange[] => {
  const [from, to] = [before.parts.get(part), after.parts.get(part)];
  const told = (change: PartChange["change"], values: readonly string[], others: readonly string[] | undefined) =>
    values.map((value) => {
      const matches = others === undefined ? lonePart(part, change) : directionOf(part, change, others, value);
      return { part, change, value, direction: after.effect === "Allow" ? matches : opposite[matches] };
    });
  return [
    ...told(
      "removed",
      (from ?? []).filter((value) => !to?.includes(value)),
      to,
    ),
    ...told(
      "added",
      (to ?? []).filter((value) => !from?.includes(value)),
      from,
    ),
  ];
};

const together = (directions: readonly Direction[]): Direction => {
  const [grows, shrinks] = (["grows", "shrinks"] as const).map((one) =>
    directions.some((direction) => direction === one || direction === "grows or shrinks"),
  );
  if (grows) return shrinks ? "grows or shrinks" : "grows";
  return shrinks ? "shrinks" : "same";
};

/** A whole statement that came or went, with all that is in it. */
const wholeChange = ({ name, effect, parts }: Statement, change: PartChange["change"]): StatementChange => {
  const direction: Direction = (effect === "Allow") === (change === "added") ? "grows" : "shrinks";
  const entries = [...parts].flatMap(([part, values]) => values.map((value) => ({ part, change, value, direction })));
  return { statement: name, effect, change, direction, parts: entries };
};

const changesBetween = (before: Statement, after: Statement): StatementChange[] => {
  // Another effect is another statement under the same name.
  if (before.effect !== after.effect) return [wholeChange(before, "removed"), wholeChange(after, "added")];
  const names = new Set([...before.parts.keys(), ...after.parts.keys()]);
  const parts = [...names].flatMap((part) => partChanges(part, before, after));
  if (parts.length === 0) return [];
  const direction = together(parts.map((part) => part.direction));
  return [{ statement: after.name, effect: after.effect, change: "changed", direction, parts }];
};

/** A Sid decides nothing: a statement that is there under another one has not changed. */
const dropRenamed = (before: Map<string, Statement>, after: Map<string, Statement>): void => {
  for (const [name, old] of before) {
    if (after.has(name)) continue;
    const found = [...after.values()].find((one) => !before.has(one.name) && changesBetween(old, one).length === 0);
    if (found === undefined) continue;
    before.delete(name);
    after.delete(found.name);
  }
};

/**
 * What differs between two policy documents, statement by statement. Every request that the new one allows and the old one
 * does not is behind a change that grows, and the other way round; a permission that only moved between statements is
 * told as both.
 */
export const policyChanges = (from: unknown, to: unknown): StatementChange[] => {
  const [before, after] = [from, to].map((document) => new Map(statementsOf(document).map((one) => [one.name, one])));
  if (before === undefined || after === undefined) return [];
  dropRenamed(before, after);
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.flatMap((name) => {
    const [old, fresh] = [before.get(name), after.get(name)];
    if (old === undefined) return fresh === undefined ? [] : [wholeChange(fresh, "added")];
    return fresh === undefined ? [wholeChange(old, "removed")] : changesBetween(old, fresh);
  });
};
