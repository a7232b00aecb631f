import type { Proof } from "#domain/tenant/tenant-setup.ts";
import type { DoorConfig } from "./door.ts";

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});

/**
 * The IAM principal that a caller's ARN stands for: an assumed role's session ARN becomes its role's ARN, because the
 * session name is the caller's own choice. STS leaves the role's path out, and so do we everywhere.
 */
export const principalOf = (arn: string): string =>
  arn.replace(/^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\/.*$/, "arn:$1:iam::$2:role/$3");

const texts = (prefix: string, fields: Fields, keys: readonly string[]): Proof[] =>
  keys.flatMap((key): Proof[] => {
    const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
    return typeof value === "string" && value !== "" ? [`caller#${prefix}:${key}=${value}`] : [];
  });

const iam = (arn: unknown): Proof[] =>
  typeof arn === "string" && arn !== "" ? [`caller#iam:${principalOf(arn)}`] : [];

/**
 * Who called, as API Gateway or Lambda wrote it into requestContext after checking it: JWT claims, an IAM principal,
 * or a Lambda authorizer's context. Headers, path, query and body are never looked at.
 */
export const callerProofs = (requestContext: unknown, { jwtClaims, authorizerKeys }: DoorConfig): Proof[] => {
  const context = fieldsOf(requestContext);
  const authorizer = fieldsOf(context["authorizer"]);
  return [
    ...texts("jwt", fieldsOf(fieldsOf(authorizer["jwt"])["claims"]), jwtClaims),
    ...texts("jwt", fieldsOf(authorizer["claims"]), jwtClaims),
    ...texts("lambda", fieldsOf(authorizer["lambda"]), authorizerKeys),
    ...texts("lambda", authorizer, authorizerKeys),
    ...iam(fieldsOf(authorizer["iam"])["userArn"]),
    ...iam(fieldsOf(context["identity"])["userArn"]),
  ];
};
