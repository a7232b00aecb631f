import * as z from "zod/mini";
import type { Condition } from "./listing.ts";

/** A statement of an IAM policy, with lists where IAM takes one or more. */
export interface Statement {
  /** Its Sid, or `#2` where it has none: the second one. */
  readonly label: string;
  /** Where it stands in the document. */
  readonly path: readonly PropertyKey[];
  readonly effect: "Allow" | "Deny";
  readonly action?: readonly string[];
  readonly notAction?: readonly string[];
  readonly resource?: readonly string[];
  readonly notResource?: readonly string[];
  readonly condition?: Condition;
}

/** A policy as the proof reads it. `name` is the policy template's or the managed policy's ARN. */
export interface Policy {
  readonly name: string;
  readonly statements: readonly Statement[];
}

/** IAM's grammar has no empty list, and nobody says what one means. */
const oneOrMore = z.union([z.string(), z.array(z.string()).check(z.minLength(1))]);

/** Nothing but what a service's prefix and an action's name have, and wildcards: what else it might mean nobody knows. */
const actionPattern = z.string().check(z.regex(/^[A-Za-z0-9:*?_-]+$/));
const actionPatterns = z.union([actionPattern, z.array(actionPattern).check(z.minLength(1))]);

const statementSchema = z.strictObject({
  Sid: z.optional(z.string()),
  Effect: z.enum(["Allow", "Deny"]),
  Action: z.optional(actionPatterns),
  NotAction: z.optional(actionPatterns),
  Resource: z.optional(oneOrMore),
  NotResource: z.optional(oneOrMore),
  Condition: z.optional(z.record(z.string(), z.record(z.string(), z.unknown()))),
});

const documentSchema = z.strictObject({
  Version: z.optional(z.string()),
  Id: z.optional(z.string()),
  Statement: z.union([statementSchema, z.array(statementSchema)]),
});

type Written = z.infer<typeof statementSchema>;

const listOf = (value: string | readonly string[] | undefined): readonly string[] | undefined =>
  typeof value === "string" ? [value] : value;

const statementOf = (written: Written, at: number, path: readonly PropertyKey[]): Statement => {
  const action = listOf(written.Action);
  const notAction = listOf(written.NotAction);
  const resource = listOf(written.Resource);
  const notResource = listOf(written.NotResource);
  return {
    label: written.Sid || `#${at + 1}`,
    path,
    effect: written.Effect,
    ...(action !== undefined && { action }),
    ...(notAction !== undefined && { notAction }),
    ...(resource !== undefined && { resource }),
    ...(notResource !== undefined && { notResource }),
    ...(written.Condition !== undefined && { condition: written.Condition }),
  };
};

const isWhole = ({ Action, NotAction, Resource, NotResource }: Written): boolean =>
  (Action === undefined) !== (NotAction === undefined) && (Resource === undefined) !== (NotResource === undefined);

/** Before the version 2012-10-17 "${" meant nothing but itself. */
const hasVariables = (document: unknown): boolean => JSON.stringify(document).includes("${");

/** An identity policy document as statements; nothing where it is none that we know the meaning of. */
export const statementsOf = (document: unknown): Statement[] | undefined => {
  const parsed = documentSchema.safeParse(document);
  if (!parsed.success) return undefined;
  const { Statement: written } = parsed.data;
  const list = Array.isArray(written) ? written : [written];
  if (!list.every(isWhole) || (parsed.data.Version !== "2012-10-17" && hasVariables(document))) return undefined;
  return list.map((one, at) => statementOf(one, at, Array.isArray(written) ? ["Statement", at] : ["Statement"]));
};
