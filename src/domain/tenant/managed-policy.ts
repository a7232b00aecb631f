import * as z from "zod/mini";
import { managedPolicyArn } from "./names.ts";

/**
 * A managed policy as `policies/managed/*.json` gives it: its ARN, and the document of its default version as IAM gives it
 * (`aws iam get-policy-version`). Without a file a managed policy counts as one that allows everything.
 */
export const managedPolicySchema = z.strictObject({
  arn: managedPolicyArn,
  description: z.optional(z.string()),
  document: z.record(z.string(), z.unknown()),
});

export type ManagedPolicy = z.infer<typeof managedPolicySchema>;
