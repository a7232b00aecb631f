import { type Checked, report, type Shape, type Size, sizeRules, subjectOf, unreadable } from "./shape.ts";

function recordOf(value: unknown, expected: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unreadable(expected);
  return value as Readonly<Record<string, unknown>>;
}

function isScalar(shape: Shape<unknown>): boolean {
  return shape.constraints.length > 0;
}

interface ListRules extends Size {
  readonly sensitive?: boolean;
}

export function list<T>(member: Shape<T>, { sensitive, ...size }: ListRules = {}): Shape<readonly T[]> {
  const rules = sizeRules<readonly unknown[]>(size, "length", (value) => value.length);
  const memberSays = `Member must satisfy constraint: [${member.constraints.join(", ")}]`;
  return {
    constraints: [],
    check: (value, at, faults) => {
      if (!Array.isArray(value)) throw unreadable("a List");
      report(rules, value, at, faults, sensitive);
      if (!isScalar(member)) return value.map((item, index) => member.check(item, `${at}.${index + 1}.member`, faults));
      const own: string[] = [];
      const checked = value.map((item) => member.check(item, at, own));
      if (own.length > 0)
        faults.push(`${subjectOf(value, sensitive)} at '${at}' failed to satisfy constraint: ${memberSays}`);
      return checked;
    },
  };
}

export interface MapRules<T> extends Size {
  readonly key: Shape<string>;
  readonly value: Shape<T>;
  readonly sensitive?: boolean;
}

export function map<T>({ key, value: member, sensitive, ...size }: MapRules<T>): Shape<Readonly<Record<string, T>>> {
  const rules = sizeRules<object>(size, "length", (value) => Object.keys(value).length);
  return {
    constraints: [],
    check: (value, at, faults) => {
      const given = recordOf(value, "a Map");
      report(rules, given, at, faults, sensitive);
      const subject = subjectOf(value, sensitive);
      const keyFaults: string[] = [];
      const valueFaults: string[] = [];
      const sink = isScalar(member) ? valueFaults : faults;
      const entries = Object.entries(given).map(([name, item]) => {
        key.check(name, at, keyFaults);
        return [name, member.check(item, `${at}.${name}.member`, sink)] as const;
      });
      const tell = (what: string, constraints: readonly string[]): void => {
        faults.push(
          `${subject} at '${at}' failed to satisfy constraint: ${what} must satisfy constraint: [${constraints.join(", ")}]`,
        );
      };
      if (keyFaults.length > 0) tell("Map keys", key.constraints);
      if (valueFaults.length > 0) tell("Map value", member.constraints);
      return Object.fromEntries(entries);
    },
  };
}

const absent = (value: unknown): value is null | undefined => value === null || value === undefined;

interface Required<T> extends Shape<T> {
  readonly required: true;
}

export function required<T>(shape: Shape<T>): Required<T> {
  return { ...shape, required: true };
}

type Members = Readonly<Record<string, Shape<unknown>>>;
type RequiredKeys<M extends Members> = { [K in keyof M]: M[K] extends Required<unknown> ? K : never }[keyof M];
type Structure<M extends Members> = { readonly [K in RequiredKeys<M>]: Checked<M[K]> } & {
  readonly [K in Exclude<keyof M, RequiredKeys<M>>]?: Checked<M[K]>;
};

export function structure<M extends Members>(members: M): Shape<Structure<M>> {
  return {
    constraints: [],
    check: (value, at, faults) => {
      const given = recordOf(value, "a Structure");
      const checked: Record<string, unknown> = {};
      for (const [name, shape] of Object.entries(members)) {
        const member = Object.hasOwn(given, name) ? given[name] : undefined;
        const path = at === "" ? name : `${at}.${name}`;
        if (!absent(member)) checked[name] = shape.check(member, path, faults);
        else if ("required" in shape) {
          faults.push(`Value null at '${path}' failed to satisfy constraint: Member must not be null`);
        }
      }
      return checked as Structure<M>;
    },
  };
}

/** A structure of which exactly one member is set: https://smithy.io/2.0/spec/aggregate-types.html#union */
export function union<M extends Members>(members: M): Shape<Structure<M>> {
  const inner = structure(members);
  return {
    constraints: [],
    check: (value, at, faults) => {
      const checked = inner.check(value, at, faults);
      const set = Object.keys(checked);
      if (set.length !== 1) {
        const names = Object.keys(members).join(", ");
        const found = set.length === 0 ? "none" : set.join(", ");
        faults.push(
          `Value at '${at}' failed to satisfy constraint: Exactly one of [${names}] must be set: found ${found}`,
        );
      }
      return checked;
    },
  };
}
