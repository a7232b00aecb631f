import * as z from "zod/mini";
import { placeholdersIn, strayBraces } from "#domain/placeholder.ts";

/** Ids, names and URIs that tenants, policy templates and job templates share. */

/** A text in a form, and the form in words: a person who writes a file reads no regular expression. */
const textLike = (form: RegExp, message: string) => z.string().check(z.regex(form, { message }));

/** Also a tag value, an S3 path segment and part of a job run name: nothing in it can widen a pattern. */
export const tenantId = textLike(
  /^[a-z0-9][a-z0-9-]{1,38}$/,
  "2 to 39 lower-case letters, digits and hyphens, with no hyphen first",
);

/** Names of policy templates, job templates, triggers and aliases. */
export const name = textLike(
  /^[a-z0-9][a-z0-9-]{0,62}$/,
  "1 to 63 lower-case letters, digits and hyphens, with no hyphen first",
);

export const variableName = textLike(
  /^[a-z][A-Za-z0-9]{0,62}$/,
  "1 to 63 letters and digits, with a lower-case letter first",
);

/** `[0-9a-z]{1,64}`: EMR Serverless's ApplicationId. */
export const applicationId = textLike(/^[0-9a-z]{1,64}$/, "an application id such as 00f1abcdefghij0k");

/** EMR Serverless's IAMRoleArn. */
export const roleArn = textLike(
  /^arn:aws[a-zA-Z0-9-]*:iam::\d{12}:role\/([\x21-\x7e]+\/)?[\w+=,.@-]+$/,
  "the ARN of an IAM role such as arn:aws:iam::111122223333:role/sluice/jobs/acme",
).check(z.maxLength(2048));

export const managedPolicyArn = textLike(
  /^arn:aws[a-zA-Z0-9-]*:iam::(aws|\d{12}):policy\/[\x21-\x7e]+$/,
  "the ARN of a managed policy such as arn:aws:iam::111122223333:policy/acme-data",
).check(z.maxLength(2048));

/** S3 bucket naming rules, without the dotted-IP exception. */
export const bucketName = textLike(
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  "an S3 bucket name: 3 to 63 lower-case letters, digits, dots and hyphens, with no dot and no hyphen first or last",
);

export const accountId = textLike(/^\d{12}$/, "an AWS account id: 12 digits");

/** SQS queues of any partition. */
export const queueArn = textLike(
  /^arn:aws[a-zA-Z0-9-]*:sqs:[a-z0-9-]+:\d{12}:[\w.-]{1,80}$/,
  "the ARN of an SQS queue such as arn:aws:sqs:us-east-1:111122223333:acme-jobs",
);

/** A schedule of EventBridge Scheduler, or a rule of EventBridge. */
export const scheduleArn = textLike(
  /^arn:aws[a-zA-Z0-9-]*:(scheduler|events):[a-z0-9-]+:\d{12}:(schedule|rule)\/.+$/,
  "the ARN of a schedule such as arn:aws:scheduler:us-east-1:111122223333:schedule/default/nightly, or of a rule",
);

/** AWS keeps those that begin with "aws." to itself. */
export const eventSource = textLike(
  /^(?!aws\.)[\w.-]{1,256}$/,
  'an event source such as "acme.jobs", which does not begin with "aws."',
);

/** Money as decimal text, because sums of such are exact. */
export const amount = textLike(/^\d{1,12}(\.\d{1,6})?$/, 'an amount such as "1000.00"');

export const currency = textLike(/^[A-Z]{3}$/, "a currency of three letters such as USD");

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
  z.refine((text) => !/\/\.{1,2}\//.test(text), {
    message: 'an S3 URI prefix without "/./" and "/../", which no key has',
  }),
  z.refine(onlyTenantId, { message: "an S3 URI prefix whose only placeholder is {{tenant.id}}" }),
);
