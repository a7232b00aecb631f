import type { Marked } from "./marked.ts";

/** What a pattern of ARNs names as the service, where it says so in plain text. */
const serviceIn = (pattern: string): string | undefined => /^arn:[^:*?{]*:([^:*?{]*):/.exec(pattern)?.[1];

/**
 * Whether a pattern may have an ARN in which upper and lower case are the same. Glue keeps its names in lower case, and
 * takes them in any: two ARNs may lead to one table.
 */
export const mayBeCaseless = (pattern: string): boolean => (serviceIn(pattern) ?? "glue") === "glue";

/** The texts of a pattern in lower case. Characters that a set leaves out are no letters. */
export const inLowerCase = (steps: readonly Marked[]): Marked[] =>
  steps.map((step) =>
    "set" in step && step.set.kind === "these"
      ? { ...step, set: { ...step.set, characters: step.set.characters.toLowerCase() } }
      : step,
  );
