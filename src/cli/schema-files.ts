import * as z from "zod/mini";
import { eventSchemas } from "#domain/events/event-schemas.ts";
import { jobRequestSchema } from "#domain/request/job-request.ts";
import { jobTemplateSchema } from "#domain/tenant/job-template.ts";
import { policyTemplateSchema } from "#domain/tenant/policy-template.ts";
import { tenantSchema } from "#domain/tenant/tenant.ts";

interface Published {
  readonly schema: z.ZodMiniType;
  readonly title: string;
  readonly description: string;
  /** Whether a reader has to take fields that the schema does not have. */
  readonly isOpen?: boolean;
}

/** An event's detail, for who gets it. */
const event = (detailType: keyof typeof eventSchemas, description: string): Published => ({
  schema: eventSchemas[detailType],
  title: `Sluice event: ${detailType}`,
  description: `${description} A CloudEvents 1.0 document. Fields may be added: ignore what you do not know.`,
  isOpen: true,
});

const published: Readonly<Record<string, Published>> = {
  tenant: {
    schema: tenantSchema,
    title: "Sluice tenant",
    description: "tenants/<tenantId>.yaml: whose data, role, policy and limits apply, and who may send for them.",
  },
  "policy-template": {
    schema: policyTemplateSchema,
    title: "Sluice policy template",
    description: "policies/<name>.yaml: an IAM policy with placeholders, rendered for the tenant of each job run.",
  },
  "job-template": {
    schema: jobTemplateSchema,
    title: "Sluice job template",
    description: "templates/<name>.yaml: a job with typed parameters that tenants may start by its name.",
  },
  "job-request": {
    schema: jobRequestSchema(),
    title: "Sluice job request",
    description: "The body of POST /v1/submissions, a message, or an event's detail: what is to run.",
  },
  "submission-started.v1": event("Submission Started", "A job run was started, where the tenant asks to be told."),
  "submission-completed.v1": event("Submission Completed", "A submission has ended, with or without a job run."),
  "submission-refused.v1": event("Submission Refused", "A job request will not run."),
  "submission-cost-updated.v1": event("Submission Cost Updated", "What a job run used was told after its end."),
  "budget-warning.v1": event("Budget Warning", "The soft share of a tenant's monthly budget is spent."),
  "budget-exceeded.v1": event("Budget Exceeded", "A tenant's monthly budget is spent: job requests are refused."),
};

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** zod bounds every integer by what a double holds, which tells an author nothing. */
const withoutDoubleBounds = (schema: JsonSchema): void => {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
};

/** What is published may have more fields next time, and who reads it should not mind. */
const opened = (schema: JsonSchema): void => {
  if (schema.additionalProperties === false) delete schema.additionalProperties;
};

const textOf = (name: string, { schema, title, description, isOpen = false }: Published): string => {
  // Draft 7 is what editors understand best. Rules across fields have no place in it: `tenants check` tells those.
  const { $schema, ...body } = z.toJSONSchema(schema, {
    io: "input",
    target: "draft-7",
    override: ({ jsonSchema }) => {
      withoutDoubleBounds(jsonSchema);
      if (isOpen) opened(jsonSchema);
    },
  });
  const document = { $schema, $id: `urn:sluice:schema:${name}`, title, description, ...body };
  return `${JSON.stringify(document, null, 2)}\n`;
};

/** The published JSON Schemas: file names in the folder `schemas`, and their texts. */
export const schemaFiles = (): { readonly name: string; readonly text: string }[] =>
  Object.entries(published).map(([name, one]) => ({ name: `${name}.json`, text: textOf(name, one) }));
