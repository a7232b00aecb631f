import * as z from "zod/mini";
import { placedIn, placeholdersIn, strayBraces } from "#domain/placeholder.ts";
import { name, variableName } from "./names.ts";

/** Text of a policy where placeholders must not stand: they decide what kind of statement it is. */
const fixed = (schema: z.ZodMiniString) =>
  schema.check(
    z.refine((text) => placeholdersIn(text).length === 0 && !strayBraces(text), {
      message: "text without placeholders",
    }),
  );

/** What may stand before and after a placeholder, besides the ends of the text: borders that no value can move. */
const opening = ["", "/", ":", "="];
const closing = ["", "/", ":"];

/** What is wrong with the borders of the first placeholder that has none: its value would run into what stands there. */
const borderFault = (text: string): string | undefined => {
  for (const { written, before, after } of placedIn(text)) {
    if (before === "}" || after === "{") {
      return `text whose placeholders do not touch each other or other braces, because nobody can tell where the value of ${written} ends: put "/" between them`;
    }
    if (!closing.includes(after)) {
      return `text in which "/", ":" or nothing stands after ${written}, because with "${after}" there the value "acme" can reach "acme2" as well: write "${written}/${after}"`;
    }
    if (!opening.includes(before)) {
      return `text in which "/", ":", "=" or nothing stands before ${written}, because with "${before}" there the text of one tenant can be that of another: write "${before}/${written}"`;
    }
  }
  return undefined;
};

const filled = z.string().check(
  z.minLength(1),
  z.refine((text) => !strayBraces(text), { message: 'text whose placeholders read "{{name}}"' }),
  (context) => {
    const message = borderFault(context.value);
    if (message !== undefined) context.issues.push({ code: "custom", path: [], message, input: context.value });
  },
);

const oneOrMore = <T extends z.ZodMiniType>(schema: T) => z.union([schema, z.array(schema).check(z.minLength(1))]);

const action = oneOrMore(
  fixed(z.string()).check(z.regex(/^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$/, { message: 'an action such as "s3:GetObject"' })),
);
const resource = oneOrMore(filled);
const conditionValue = z.union([oneOrMore(filled), z.boolean(), z.number()]);

const exactlyOne = (one: string, other: string) =>
  z.refine<Record<string, unknown>>(
    (statement) => (statement[one] === undefined) !== (statement[other] === undefined),
    {
      message: `a statement with exactly one of ${one}, ${other}`,
    },
  );

const statement = z
  .strictObject({
    Sid: z.optional(fixed(z.string()).check(z.regex(/^[A-Za-z0-9]*$/))),
    Effect: z.enum(["Allow", "Deny"]),
    Action: z.optional(action),
    NotAction: z.optional(action),
    Resource: z.optional(resource),
    NotResource: z.optional(resource),
    Condition: z.optional(
      z.record(
        z.string().check(z.regex(/^[A-Za-z:]+$/)),
        z.record(fixed(z.string()).check(z.minLength(1)), conditionValue),
      ),
    ),
  })
  .check(exactlyOne("Action", "NotAction"), exactlyOne("Resource", "NotResource"));

/** An IAM policy document for executionIamPolicy: no principals, and the version in which policy variables work. */
export const policyDocument = z.strictObject({
  Version: z.literal("2012-10-17"),
  Id: z.optional(fixed(z.string())),
  Statement: z.union([statement, z.array(statement).check(z.minLength(1))]),
});

/**
 * What a variable's value may be. Each type keeps a value inside the part of the ARN that it is put into:
 * `segment` one path segment, `path` segments with `/` between them, `bucket` an S3 bucket name, `name` a Glue-like
 * name, `arn` a whole ARN without wildcards.
 */
export const variableTypes = ["segment", "path", "bucket", "name", "arn"] as const;

export const policyTemplateSchema = z.strictObject({
  $schema: z.optional(z.string()),
  name,
  description: z.optional(z.string()),
  variables: z._default(
    z.record(
      variableName,
      z.strictObject({
        type: z.enum(variableTypes),
        description: z.optional(z.string()),
        default: z.optional(z.string()),
      }),
    ),
    {},
  ),
  document: policyDocument,
});

export type PolicyTemplate = z.infer<typeof policyTemplateSchema>;
export type VariableType = (typeof variableTypes)[number];
