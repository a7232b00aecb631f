import type { z } from "zod/mini";

/** One thing that is wrong: where (a JSON pointer), what is there and what is wanted. */
export interface Fault {
  readonly pointer: string;
  readonly message: string;
  readonly current?: string;
  readonly wanted?: string;
  /** `denied`: the tenant's rules forbid it. Otherwise the value itself is wrong. */
  readonly kind?: "denied";
  /** How many faults this one stands for, where it ends a list that was cut. */
  readonly more?: number;
}

/** A path of keys as a JSON pointer (RFC 6901). */
export const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** Longest part of a value that a message repeats: enough to recognise it, never a whole document. */
const shownLength = 120;

/** A value as messages show it: JSON, cut. */
export const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= shownLength ? text : `${text.slice(0, shownLength)}… (${text.length} characters)`;
};

/** A fault of a value at a path: "must be …: current value is …". */
export const faultAt = (path: readonly PropertyKey[], value: unknown, wanted: string): Fault => ({
  pointer: pointerOf(path),
  message: `must be ${wanted}: current value is ${show(value)}`,
  current: show(value),
  wanted,
});

/** A fault of the tenant's rules, as opposed to one of the value's form. */
export const deniedAt = (path: readonly PropertyKey[], value: unknown, rule: string): Fault => ({
  pointer: pointerOf(path),
  message: `${rule}: current value is ${show(value)}`,
  current: show(value),
  wanted: rule,
  kind: "denied",
});

/**
 * Most of what one refusal carries. It is stored in a DynamoDB item of at most 400 KB and published in an event of at
 * most 256 KB, and a document of 256 KB can have tens of thousands of faults.
 */
export const maxFaults = 100;
export const maxFaultBytes = 64 * 1024;

const longest = { pointer: 512, message: 1024, current: 256, wanted: 1024 };

/** Space for "… (262144 characters)". */
const cutNoteLength = 24;

/** A text of at most so many characters, which says how long it was. Cutting it again changes nothing. */
export const cut = (text: string, most: number): string => {
  if (text.length <= most) return text;
  // Half of a surrogate pair is no text.
  const kept = text.slice(0, most - cutNoteLength).replace(/[\ud800-\udbff]$/, "");
  return `${kept}… (${text.length} characters)`;
};

const shortened = ({ pointer, message, current, wanted, ...rest }: Fault): Fault => ({
  ...rest,
  pointer: cut(pointer, longest.pointer),
  message: cut(message, longest.message),
  ...(current !== undefined && { current: cut(current, longest.current) }),
  ...(wanted !== undefined && { wanted: cut(wanted, longest.wanted) }),
});

const bytesOf = (fault: Fault): number => new TextEncoder().encode(JSON.stringify(fault)).length;

const restOf = (more: number): Fault => ({
  pointer: "",
  message: `and ${more} more ${more === 1 ? "fault" : "faults"}`,
  more,
});

/** How many faults a list stands for, those that were cut off it included. */
export const countOf = (faults: readonly Fault[]): number => faults.reduce((sum, { more = 1 }) => sum + more, 0);

/** Faults as a refusal carries them: bounded in number and in bytes, with the number of those left out at the end. */
export const capped = (faults: readonly Fault[]): readonly Fault[] => {
  const kept: Fault[] = [];
  let bytes = bytesOf(restOf(Number.MAX_SAFE_INTEGER));
  for (const fault of faults) {
    if (fault.more !== undefined) continue;
    const short = shortened(fault);
    bytes += bytesOf(short) + 1;
    if (kept.length === maxFaults || bytes > maxFaultBytes) break;
    kept.push(short);
  }
  const more = countOf(faults) - kept.length;
  return more === 0 ? kept : [...kept, restOf(more)];
};

const valueAt = (document: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    document,
  );

type Issue = z.core.$ZodIssue;

const amount = (issue: Issue, bound: "at least" | "at most", number: number | bigint): string => {
  const origin = "origin" in issue ? issue.origin : "number";
  const units: Record<string, [one: string, many: string]> = {
    string: [" character", " characters"],
    array: [" item", " items"],
  };
  const [one, many] = units[String(origin)] ?? ["", ""];
  return `${bound} ${number}${Number(number) === 1 ? one : many}`;
};

/** What zod/mini says where a schema gives no message of its own. */
const unsaid = "Invalid input";

/** What a zod issue asks for, in words. */
const wantedBy = (issue: Issue): string => {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected === "int" ? "an integer" : `of type ${issue.expected}`;
    case "too_big":
      return amount(issue, "at most", issue.maximum);
    case "too_small":
      return amount(issue, "at least", issue.minimum);
    case "invalid_format":
      if (issue.message !== "" && issue.message !== unsaid) return issue.message;
      return issue.pattern === undefined ? `a valid ${issue.format}` : `text that matches ${issue.pattern}`;
    case "invalid_value":
      return `one of ${issue.values.map((value) => show(value)).join(", ")}`;
    case "custom":
      return issue.message ?? "valid";
    default:
      return "valid";
  }
};

const faultsOfIssue = (issue: Issue, base: readonly PropertyKey[], document: unknown, known: KnownKeys): Fault[] => {
  const path = [...base, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      pointer: pointerOf([...path, key]),
      message: (Object.hasOwn(known, key) && known[key]) || "is not a known field: remove it or check its spelling",
    }));
  }
  if (issue.code === "invalid_union") {
    const wanted =
      issue.message === "" || issue.message === unsaid ? "one of the forms that the schema gives" : issue.message;
    return [faultAt(path, valueAt(document, issue.path), wanted)];
  }
  if (issue.code === "invalid_key") {
    const key = issue.path.at(-1);
    return issue.issues.map((inner) => ({ ...faultAt(path, key, `an entry whose key is ${wantedBy(inner)}`) }));
  }
  return [faultAt(path, valueAt(document, issue.path), wantedBy(issue))];
};

/** Fields that a schema does not have, each with the reason why not. */
export type KnownKeys = Readonly<Record<string, string>>;

/** All issues of a failed parse as faults, below `base`. `known` explains fields that exist elsewhere. */
export const faultsOf = (
  error: z.core.$ZodError,
  document: unknown,
  known: KnownKeys = {},
  base: readonly PropertyKey[] = [],
): Fault[] => error.issues.flatMap((issue) => faultsOfIssue(issue, base, document, known));
