import { isSame } from "./same.ts";

/** One field that differs, by its place in the file: `limits.maxActive`, `triggers[inbox].prefix`, `callers`. */
export interface FieldChange {
  readonly field: string;
  /** What was there: nothing where the field or the entry is new. */
  readonly from?: unknown;
  readonly to?: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** What tells the entries of a list apart, where they are objects: triggers, queues and schedules have one of these. */
const entryNames = ["name", "arn", "Sid"] as const;

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Nothing to tell: an absent field and an empty one say the same. */
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.values(value).every(isEmpty));

const entryName = (value: unknown): string | undefined => {
  if (!isObject(value)) return undefined;
  const name = entryNames.map((key) => value[key]).find((found) => typeof found === "string");
  return typeof name === "string" ? name : undefined;
};

/** The entries of a list by their names, where each has one of its own. */
const named = (list: readonly unknown[]): Fields | undefined => {
  const entries = list.map((value): [string | undefined, unknown] => [entryName(value), value]);
  const names = new Set(entries.map(([name]) => name));
  return names.has(undefined) || names.size < entries.length ? undefined : Object.fromEntries(entries);
};

const isText = (value: unknown): boolean => typeof value === "string";

/** Lists whose order means something: told as a whole. */
const isOrdered = (field: string): boolean => field.endsWith("entryPointArguments");

const change = (field: string, from: unknown, to: unknown): FieldChange => ({
  field,
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
});

const listChanges = (field: string, from: readonly unknown[], to: readonly unknown[]): FieldChange[] => {
  const [before, after] = [named(from), named(to)];
  if (before !== undefined && after !== undefined) {
    return objectChanges(before, after, (name) => `${field}[${name}]`);
  }
  if (isOrdered(field) || ![...from, ...to].every(isText)) return [change(field, from, to)];
  const lost = from.filter((value) => !to.includes(value)).map((value) => change(field, value, undefined));
  const gained = to.filter((value) => !from.includes(value)).map((value) => change(field, undefined, value));
  const found = [...lost, ...gained];
  return found.length > 0 ? found : [change(field, from, to)];
};

const objectChanges = (from: Fields, to: Fields, path: (key: string) => string): FieldChange[] =>
  [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((key) =>
    fieldChanges(from[key], to[key], path(key)),
  );

const asList = (value: unknown): readonly unknown[] | undefined =>
  value === undefined ? [] : Array.isArray(value) ? value : undefined;

const asObject = (value: unknown): Fields | undefined =>
  value === undefined ? {} : isObject(value) ? value : undefined;

/** What differs between two JSON values, field by field; the order of keys and absent fields that are empty do not count. */
export const fieldChanges = (from: unknown, to: unknown, field = ""): FieldChange[] => {
  if (isSame(from, to) || (isEmpty(from) && isEmpty(to))) return [];
  const [before, after] = [asObject(from), asObject(to)];
  if (before !== undefined && after !== undefined) {
    return objectChanges(before, after, (key) => (field === "" ? key : `${field}.${key}`));
  }
  const [lost, gained] = [asList(from), asList(to)];
  if (lost !== undefined && gained !== undefined) return listChanges(field, lost, gained);
  return [change(field, from, to)];
};
