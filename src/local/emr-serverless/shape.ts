import { invalid, ServiceError } from "./service-error.ts";

/**
 * Checks one value of a request in the words that AWS uses. A value of the wrong JSON type is thrown as a
 * SerializationException, because AWS cannot read such a request; every other fault is collected, so that all of them
 * are reported at once. Members that a shape does not know are dropped, as AWS drops them.
 */
export interface Shape<T> {
  /** What this returns may only be used when no fault was added. */
  check(value: unknown, at: string, faults: string[]): T;
  /** The constraints in AWS's words, for maps and lists, which name them together. */
  readonly constraints: readonly string[];
}

export type Checked<S> = S extends Shape<infer T> ? T : never;

export interface Rule<T> {
  readonly holds: (value: T) => boolean;
  readonly says: string;
}

export interface Size {
  readonly min?: number;
  readonly max?: number;
}

export function unreadable(expected: string): ServiceError {
  return new ServiceError("SerializationException", `The value can not be converted to ${expected}`);
}

export function sizeRules<T>({ min, max }: Size, noun: "length" | "value", measure: (value: T) => number): Rule<T>[] {
  const rules: Rule<T>[] = [];
  if (max !== undefined) {
    rules.push({ holds: (v) => measure(v) <= max, says: `Member must have ${noun} less than or equal to ${max}` });
  }
  if (min !== undefined) {
    rules.push({ holds: (v) => measure(v) >= min, says: `Member must have ${noun} greater than or equal to ${min}` });
  }
  return rules;
}

/** As Java prints it, which is what callers of AWS see. */
function echo(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(echo).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([key, member]) => `${key}=${echo(member)}`)
    .join(", ")}}`;
}

export function subjectOf(value: unknown, sensitive = false): string {
  return sensitive ? "Value" : `Value '${echo(value)}'`;
}

export function report<T>(rules: readonly Rule<T>[], value: T, at: string, faults: string[], sensitive = false): void {
  const subject = subjectOf(value, sensitive);
  for (const rule of rules) {
    if (!rule.holds(value)) faults.push(`${subject} at '${at}' failed to satisfy constraint: ${rule.says}`);
  }
}

export function parse<T>(shape: Shape<T>, value: unknown): T {
  const faults: string[] = [];
  const checked = shape.check(value, "", faults);
  if (faults.length === 0) return checked;
  const noun = faults.length === 1 ? "validation error" : "validation errors";
  throw invalid(`${faults.length} ${noun} detected: ${faults.join("; ")}`);
}
