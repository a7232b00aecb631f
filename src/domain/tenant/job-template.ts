import * as z from "zod/mini";
import { mapStrings, placeholdersIn, strayBraces, wholePlaceholder } from "#domain/placeholder.ts";
import { jobDriver, jobRunFields } from "#domain/request/job-run-fields.ts";
import { name, s3Prefix, variableName } from "./names.ts";
import { isBoundedPattern, isPattern } from "./parameter-pattern.ts";

const common = { description: z.optional(z.string()) };

/**
 * A typed parameter. A parameter without a default is required. Text values never begin with "-", so that none of
 * them can be read as another option of the job, unless `allowLeadingDash` says that it may.
 */
const parameter = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("string"),
    ...common,
    default: z.optional(z.string()),
    pattern: z.optional(
      z.string().check(
        z.maxLength(1024, { abort: true }),
        z.refine(isPattern, { message: "a regular expression that compiles", abort: true }),
        z.refine(isBoundedPattern, {
          message:
            "a regular expression whose repeated groups each begin with a character of their own and hold one repeat at most, which does not take that character, because a caller's text could keep another one busy for hours",
        }),
      ),
    ),
    minLength: z.optional(z.int().check(z.gte(0))),
    maxLength: z.optional(z.int().check(z.gte(1), z.lte(10_280))),
    enum: z.optional(z.array(z.string()).check(z.minLength(1))),
    allowLeadingDash: z.optional(z.boolean()),
  }),
  z.strictObject({
    type: z.enum(["integer", "number"]),
    ...common,
    default: z.optional(z.number()),
    minimum: z.optional(z.number()),
    maximum: z.optional(z.number()),
  }),
  z.strictObject({ type: z.literal("boolean"), ...common, default: z.optional(z.boolean()) }),
  z.strictObject({ type: z.literal("date"), ...common, default: z.optional(z.string()) }),
  z.strictObject({
    type: z.literal("s3Uri"),
    ...common,
    default: z.optional(z.string()),
    prefixes: z.array(s3Prefix).check(z.minLength(1), z.describe("The value must begin with one of them.")),
    list: z.optional(
      z
        .boolean()
        .check(z.describe("Whether the value may be several URIs with commas between them, each below a prefix.")),
    ),
  }),
]);

const properties = z.record(z.string().check(z.regex(/^[A-Za-z][\w.-]{0,254}$/)), z.string().check(z.maxLength(1024)));

const hours = z.number().check(z.gte(0), z.lte(1_000_000));

/** What a usual run takes, as `billedResourceUtilization` of an earlier one gives it. */
const estimate = z.strictObject({
  vCPUHour: hours,
  memoryGBHour: hours,
  storageGBHour: z._default(hours, 0),
});

/** What a job template may refer to, besides `parameters.<name>`. */
export const templateNames = ["tenant.id", "submission.id", "application.id"] as const;

export const jobTemplateSchema = z
  .strictObject({
    $schema: z.optional(z.string()),
    ...common,
    ...jobRunFields(),
    parameters: z._default(z.record(variableName, parameter), {}),
    // `name` is the template's own; the job run's name is jobRunName.
    name,
    jobRunName: jobRunFields().name,
    jobDriver: jobDriver(),
    sparkProperties: z._default(properties.check(z.describe("Spark properties, each sent as --conf key=value.")), {}),
    hiveProperties: z._default(properties.check(z.describe("Hive properties, each sent as --hiveconf key=value.")), {}),
    estimate: z.optional(estimate.check(z.describe("Hours that a usual run takes: an explanation prices them."))),
  })
  .check((context) => {
    const template = context.value;
    for (const { path, message, input } of placeholderFaults(template)) {
      context.issues.push({ code: "custom", path: [...path], message, input });
    }
  });

interface PlaceholderFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly input: unknown;
}

/** Where a parameter may stand: alone, as one whole argument or one whole property. It is never glued to other text. */
const parameterMayStand = (path: readonly PropertyKey[]): boolean =>
  path[0] === "sparkProperties" || path[0] === "hiveProperties" || path[2] === "entryPointArguments";

const placeholderFault = (text: string, path: readonly PropertyKey[], known: readonly string[]): string | undefined => {
  const names = placeholdersIn(text);
  if (strayBraces(text)) return 'text whose placeholders read "{{name}}"';
  if (names.some((found) => !known.includes(found))) return `text with known placeholders only (${known.join(", ")})`;
  if (!names.some((found) => found.startsWith("parameters."))) return undefined;
  if (!parameterMayStand(path)) return "text without parameters: they may stand in arguments and properties only";
  return wholePlaceholder(text) === undefined
    ? "text in which a parameter stands alone, as one whole value"
    : undefined;
};

const placeholderFaults = (template: TemplateTexts): PlaceholderFault[] => {
  const faults: PlaceholderFault[] = [];
  const known = [...templateNames, ...Object.keys(template.parameters).map((key) => `parameters.${key}`)];
  const { parameters: _declared, description: _prose, ...texts } = template;
  mapStrings(texts, (text, path) => {
    const message = placeholderFault(text, path, known);
    if (message !== undefined) faults.push({ path, message, input: text });
    return text;
  });
  return faults;
};

interface TemplateTexts {
  readonly parameters: Record<string, unknown>;
  readonly description?: string | undefined;
}

export type JobTemplate = z.infer<typeof jobTemplateSchema>;
export type TemplateParameter = z.infer<typeof parameter>;
