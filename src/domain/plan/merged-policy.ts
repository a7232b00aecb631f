type Statement = Readonly<Record<string, unknown>>;

/** One element of a statement as a set: two with the same key have the same entries. */
interface Element {
  readonly name: string;
  readonly entries: readonly string[];
  readonly key: string;
}

/** A statement with what of it may be joined with another's. */
interface Part {
  readonly statement: Statement;
  readonly actions: Element;
  readonly resources: Element;
  /** Effect and condition: what must be the same. */
  readonly when: string;
}

const isObject = (value: unknown): value is Statement =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);

/** Actions know no case (IAM User Guide, "IAM JSON policy elements: Action"). */
const sameEntry = (name: string, entry: string): string => (name.endsWith("Action") ? entry.toLowerCase() : entry);

const elementOf = (name: string, given: readonly string[]): Element => {
  const known = new Map<string, string>();
  for (const entry of given) if (!known.has(sameEntry(name, entry))) known.set(sameEntry(name, entry), entry);
  return { name, entries: [...known.values()], key: JSON.stringify([name, ...[...known.keys()].sort()]) };
};

/** Neither the order of keys and values nor a value twice says anything; a list of one is its one value. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) {
    const texts = [...new Set(value.map((one) => JSON.stringify(one)))].sort();
    return texts.length === 1 ? JSON.parse(texts[0] ?? "") : texts;
  }
  if (!isObject(value)) return value;
  return Object.entries(value)
    .map(([key, entry]) => [key, canonical(entry)] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
};

const partOf = (statement: Statement): Part => {
  const named = (one: string, other: string): Element => {
    const name = statement[one] === undefined ? other : one;
    return elementOf(name, listOf(statement[name]));
  };
  return {
    statement,
    actions: named("Action", "NotAction"),
    resources: named("Resource", "NotResource"),
    when: JSON.stringify([statement["Effect"], canonical(statement["Condition"])]),
  };
};

const written = ({ entries }: Element): unknown => (entries.length === 1 ? entries[0] : entries);

/** A statement's Sid, or where it has none the other's. */
const withSid = (statement: Statement, other: Statement): Statement =>
  statement["Sid"] === undefined && other["Sid"] !== undefined ? { Sid: other["Sid"], ...statement } : statement;

const keeping = (kept: Part, dropped: Part): Part => ({
  ...kept,
  statement: withSid(kept.statement, dropped.statement),
});

/** The first statement with the second one's entries of one element as well. */
const joined = (one: Part, other: Part, which: "actions" | "resources"): Part => {
  const { name, entries } = one[which];
  const element = elementOf(name, [...entries, ...other[which].entries]);
  const statement = { ...withSid(one.statement, other.statement), [name]: written(element) };
  return { ...one, statement, [which]: element };
};

const isPositive = ({ name }: Element): boolean => name === "Action" || name === "Resource";

const isWithin = (inner: Element, outer: Element): boolean => {
  if (inner.key === outer.key) return true;
  if (inner.name !== outer.name || !isPositive(inner)) return false;
  const known = new Set(outer.entries.map((entry) => sameEntry(outer.name, entry)));
  return inner.entries.every((entry) => known.has(sameEntry(inner.name, entry)));
};

/**
 * Two statements as one that matches the calls that either matches, and no others; nothing where there is none. What one
 * matches is actions × resources × condition: where two of these are the same, the third may be joined. Of NotAction and
 * NotResource a longer list matches less, so these are never joined.
 */
const together = (one: Part, other: Part): Part | undefined => {
  if (one.when !== other.when) return undefined;
  if (isWithin(other.actions, one.actions) && isWithin(other.resources, one.resources)) return keeping(one, other);
  if (isWithin(one.actions, other.actions) && isWithin(one.resources, other.resources)) return keeping(other, one);
  if (one.actions.key === other.actions.key && isPositive(one.resources) && isPositive(other.resources)) {
    return joined(one, other, "resources");
  }
  if (one.resources.key === other.resources.key && isPositive(one.actions) && isPositive(other.actions)) {
    return joined(one, other, "actions");
  }
  return undefined;
};

/** The first two that can be one, as one at the place of the first; nothing where no two can. */
const withTwoMerged = (parts: readonly Part[]): readonly Part[] | undefined => {
  for (const [at, one] of parts.entries()) {
    for (let other = at + 1; other < parts.length; other += 1) {
      const second = parts[other];
      const merged = second === undefined ? undefined : together(one, second);
      if (merged !== undefined) return parts.with(at, merged).toSpliced(other, 1);
    }
  }
  return undefined;
};

/** The same statement with no entry of a list twice. */
const withoutRepeats = (one: Part): Part => {
  const repeats = [one.actions, one.resources].filter(
    ({ name, entries }) => entries.length < listOf(one.statement[name]).length,
  );
  const elements = Object.fromEntries(repeats.map((element) => [element.name, written(element)]));
  return { ...one, statement: { ...one.statement, ...elements } };
};

/**
 * The same policy with fewer statements, where that is certain by IAM's rules alone: entries and statements that say nothing
 * new are left out, and statements that differ in their actions or in their resources only are joined under the Sid of the
 * first. What a wildcard covers stays, for a reader looks for it.
 */
export const mergedPolicy = (document: unknown): unknown => {
  if (!isObject(document)) return document;
  const { Statement: given } = document;
  let parts: readonly Part[] = (Array.isArray(given) ? given : [given])
    .filter(isObject)
    .map(partOf)
    .map(withoutRepeats);
  for (let next = withTwoMerged(parts); next !== undefined; next = withTwoMerged(parts)) parts = next;
  const statements = parts.map(({ statement }) => statement);
  return { ...document, Statement: Array.isArray(given) ? statements : statements[0] };
};
