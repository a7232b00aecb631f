import { type Rule, report, type Shape, type Size, sizeRules, unreadable } from "./shape.ts";

interface StringRules extends Size {
  readonly pattern?: string;
  /** AWS leaves sensitive values out of its messages. */
  readonly sensitive?: boolean;
}

export const notBlank = ".*\\S.*";

/** `.*\S.*` is searched for in the value; every other pattern of the service covers the whole value. */
function patternRule(pattern: string): Rule<string> {
  const regex = pattern === notBlank ? /\S/u : new RegExp(`^(?:${pattern})$`, "u");
  return { holds: (value) => regex.test(value), says: `Member must satisfy regular expression pattern: ${pattern}` };
}

export function string({ pattern, sensitive, ...size }: StringRules = {}): Shape<string> {
  const rules = sizeRules<string>(size, "length", (value) => [...value].length);
  if (pattern !== undefined) rules.push(patternRule(pattern));
  return {
    constraints: rules.map((rule) => rule.says),
    check: (value, at, faults) => {
      if (typeof value !== "string") throw unreadable("a String");
      report(rules, value, at, faults, sensitive);
      return value;
    },
  };
}

export function oneOf<T extends string>(...values: T[]): Shape<T> {
  const allowed: readonly string[] = values;
  const rule: Rule<string> = {
    holds: (value) => allowed.includes(value),
    says: `Member must satisfy enum value set: [${allowed.join(", ")}]`,
  };
  return {
    constraints: [rule.says],
    check: (value, at, faults) => {
      if (typeof value !== "string") throw unreadable("a String");
      report([rule], value, at, faults);
      return value as T;
    },
  };
}

export function integer(size: Size = {}): Shape<number> {
  const rules = sizeRules<number>(size, "value", (value) => value);
  return {
    constraints: rules.map((rule) => rule.says),
    check: (value, at, faults) => {
      if (typeof value !== "number" || !Number.isSafeInteger(value)) throw unreadable("an Integer");
      report(rules, value, at, faults);
      return value;
    },
  };
}

/** A moment in epoch milliseconds, as the HTTP layer reads it out of a query string. */
export function time(): Shape<number> {
  return { ...integer(), constraints: [] };
}

export function boolean(): Shape<boolean> {
  return {
    constraints: [],
    check: (value) => {
      if (typeof value !== "boolean") throw unreadable("a Boolean");
      return value;
    },
  };
}

/** Anything: what is only kept and handed back. */
export function json(): Shape<unknown> {
  return { constraints: [], check: (value) => value };
}
