import * as z from "zod/mini";
import { placeholdersIn, strayBraces } from "#domain/placeholder.ts";

/** Ids, names and URIs that tenants, policy templates and job templates share. */

/** Also a tag value, an S3 path segment and part of a job run name: nothing in it can widen a pattern. */
export const tenantId = z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{1,38}$/));

/** Names of policy templates, job templates, triggers, aliases and variables. */
export const name = z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,62}$/));

export const variableName = z.string().check(z.regex(/^[a-z][A-Za-z0-9]{0,62}$/));

/** `[0-9a-z]{1,64}`: EMR Serverless's ApplicationId. */
export const applicationId = z.string().check(z.regex(/^[0-9a-z]{1,64}$/));

/** EMR Serverless's IAMRoleArn. */
export const roleArn = z
  .string()
  .check(
    z.minLength(20),
    z.maxLength(2048),
    z.regex(/^arn:aws[a-zA-Z0-9-]*:iam::\d{12}:role\/([\x21-\x7e]+\/)?[\w+=,.@-]+$/),
  );

export const managedPolicyArn = z
  .string()
  .check(z.minLength(20), z.maxLength(2048), z.regex(/^arn:aws[a-zA-Z0-9-]*:iam::(aws|\d{12}):policy\/[\x21-\x7e]+$/));

/** S3 bucket naming rules, without the dotted-IP exception. */
export const bucketName = z.string().check(z.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/));

const onlyTenantId = (text: string): boolean =>
  !strayBraces(text) && placeholdersIn(text).every((found) => found === "tenant.id");

/** A prefix of S3 URIs that stops at a path border, so that `…/acme/` does not also mean `…/acme2/`. */
export const s3Prefix = z.string().check(
  z.maxLength(1024),
  z.regex(/^s3:\/\/[a-z0-9][a-z0-9.{}-]*\/([^*?$]*\/)?$/, {
    message: 'an S3 URI prefix such as "s3://bucket/path/" that ends with "/" and has no "*", "?" or "$"',
  }),
  // Apart from the pattern, because not every reader of the JSON Schema knows `\p`.
  z.refine((text) => !/\p{Cc}/u.test(text), { message: "an S3 URI prefix without control characters" }),
  z.refine(onlyTenantId, { message: "an S3 URI prefix whose only placeholder is {{tenant.id}}" }),
);

export const accountId = z.string().check(z.regex(/^\d{12}$/));
