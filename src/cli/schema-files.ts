import * as z from "zod/mini";
import { jobRequestSchema } from "#domain/request/job-request.ts";
import { jobTemplateSchema } from "#domain/tenant/job-template.ts";
import { policyTemplateSchema } from "#domain/tenant/policy-template.ts";
import { tenantSchema } from "#domain/tenant/tenant.ts";

interface Published {
  readonly schema: z.ZodMiniType;
  readonly title: string;
  readonly description: string;
}

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
};

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** zod bounds every integer by what a double holds, which tells an author nothing. */
const withoutDoubleBounds = (schema: JsonSchema): void => {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
};

const textOf = (name: string, { schema, title, description }: Published): string => {
  // Draft 7 is what editors understand best. Rules across fields have no place in it: `tenants check` tells those.
  const { $schema, ...body } = z.toJSONSchema(schema, {
    io: "input",
    target: "draft-7",
    override: ({ jsonSchema }) => withoutDoubleBounds(jsonSchema),
  });
  const document = { $schema, $id: `urn:sluice:schema:${name}`, title, description, ...body };
  return `${JSON.stringify(document, null, 2)}\n`;
};

/** The published JSON Schemas: file names in the folder `schemas`, and their texts. */
export const schemaFiles = (): { readonly name: string; readonly text: string }[] =>
  Object.entries(published).map(([name, one]) => ({ name: `${name}.json`, text: textOf(name, one) }));
