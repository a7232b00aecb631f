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

/** What is wrong with where the first placeholder stands: the proof decides what is around it, but for braces. */
const placeFault = (text: string): string | undefined => {
  for (const { written, before, after } of placedIn(text)) {
    if (before === "}" || after === "{" || after === "}") {
      return `text whose placeholders do not touch each other or other braces, because nobody can tell where the value of ${written} ends: put "/" between them`;
    }
  }
  return /\$\{[^}]*\{\{/.test(text) ? "text whose IAM variables have no placeholders in them" : undefined;
};

const text = z.string().check(
  z.refine((text) => !strayBraces(text), { message: 'text whose placeholders read "{{name}}"' }),
  (context) => {
    const message = placeFault(context.value);
    if (message !== undefined) context.issues.push({ code: "custom", path: [], message, input: context.value });
  },
);

const filled = text.check(z.minLength(1));

const oneOrMore = <T extends z.ZodMiniType>(schema: T) => z.union([schema, z.array(schema).check(z.minLength(1))]);

const action = oneOrMore(
  fixed(z.string()).check(z.regex(/^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$/, { message: 'an action such as "s3:GetObject"' })),
);
const resource = oneOrMore(filled);
const conditionValue = z.union([oneOrMore(text), z.boolean(), z.number()]);

const exactlyOne = (one: string, other: string) =>
  z.refine<Record<string, unknown>>(
    (statement) => (statement[one] === undefined) !== (statement[other] === undefined),
    {
      message: `a statement with exactly one of ${one}, ${other}`,
    },
  );

/** IAM's grammar has no empty condition, and nobody says what one does. */
const atLeastOne = <T extends z.ZodMiniType<Record<string, unknown>>>(schema: T, what: string): T =>
  schema.check(z.refine((value) => Object.keys(value).length > 0, { message: `an object with a ${what}` }));

const statement = z
  .strictObject({
    Sid: z.optional(fixed(z.string()).check(z.regex(/^[A-Za-z0-9]*$/))),
    Effect: z.enum(["Allow", "Deny"]),
    Action: z.optional(action),
    NotAction: z.optional(action),
    Resource: z.optional(resource),
    NotResource: z.optional(resource),
    Condition: z.optional(
      atLeastOne(
        z.record(
          z.string().check(z.regex(/^[A-Za-z:]+$/)),
          atLeastOne(z.record(fixed(z.string()).check(z.minLength(1)), conditionValue), "condition key").check(
            z.refine(
              (block) => new Set(Object.keys(block).map((key) => key.toLowerCase())).size === Object.keys(block).length,
              {
                message: "an object that has each condition key once, whatever its case",
              },
            ),
          ),
        ),
        "condition operator",
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

/** ARNs that tenants own or share: our own sets, in which IAM's variables have no meaning. */
const arnPattern = filled.check(
  z.refine((text) => text === "*" || text.startsWith("arn:") || text.startsWith("{{"), {
    message: 'an ARN pattern such as "arn:aws:s3:::lake/{{tenant.id}}/*"',
  }),
  z.refine((text) => !text.includes("$"), { message: 'an ARN pattern without "$"' }),
);

const shared = z.strictObject({
  actions: z
    .array(z.string().check(z.regex(/^[a-z0-9-]+:[A-Za-z0-9*?]+$/, { message: 'an action such as "s3:GetObject"' })))
    .check(z.minLength(1)),
  resources: z.array(arnPattern).check(z.minLength(1)),
  reason: z.optional(z.string().check(z.minLength(1), z.describe("Why all tenants may do more here than read."))),
});

/** A variable's values: text of its type, with `*`, `?` and {{tenant.id}}. */
const valuePattern = z.string().check(
  z.minLength(1),
  z.refine((text) => /^(?:[A-Za-z0-9_.=+@:/*?-]|\{\{\s*tenant\.id\s*\}\})+$/.test(text), {
    message: 'a pattern such as "{{tenant.id}}-jobs": text, "*", "?" and {{tenant.id}}',
  }),
);

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
        pattern: z.optional(
          valuePattern.check(z.describe("What its values look like; {{tenant.id}} in it makes them a tenant's own.")),
        ),
        unique: z.optional(
          z.boolean().check(z.describe("No other tenant has its value in any variable: check holds that.")),
        ),
      }),
    ),
    {},
  ),
  territory: z._default(
    z.array(arnPattern).check(z.describe("The ARNs that are the tenant's own: no other tenant may reach them.")),
    [],
  ),
  shared: z._default(
    z.array(shared).check(z.describe("What every tenant may reach: read-only, or with a reason.")),
    [],
  ),
  document: policyDocument,
});

export type SharedEntry = z.infer<typeof shared>;
export type PolicyTemplate = z.infer<typeof policyTemplateSchema>;
export type VariableType = (typeof variableTypes)[number];
