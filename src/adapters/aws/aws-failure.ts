/** What a failed call to AWS means: it may pass by itself, or it is none of our business to interpret it. */
export type AwsFailure = "throttled" | "down" | "other";

/** Throttling arrives as a common error that no service models; which HTTP status it has differs (AWS General Reference). */
const throttling = new Set([
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);

const outages = new Set([
  "AbortError",
  "InternalError",
  "InternalFailure",
  "InternalServerError",
  "InternalServerException",
  "RequestTimeout",
  "RequestTimeoutException",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "TimeoutError",
]);

/** Credentials of a Lambda function are renewed by AWS: without them the next call is the remedy. */
const credentials = new Set(["CredentialsProviderError", "ExpiredToken", "ExpiredTokenException", "RequestExpired"]);

/** What Node says when it does not get through to the other side at all. */
const networkCodes = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

/** AWS errors are told apart by name: bundles and common errors leave nothing to `instanceof`. */
export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "");

/** What AWS said, or nothing. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : "");

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

const statusOf = (error: unknown): number => Number(field(field(error, "$metadata"), "httpStatusCode") ?? 0);

export const failureOf = (error: unknown): AwsFailure => {
  const name = nameOf(error);
  if (throttling.has(name) || statusOf(error) === 429) return "throttled";
  if (outages.has(name) || credentials.has(name) || statusOf(error) >= 500) return "down";
  return networkCodes.has(String(field(error, "code"))) ? "down" : "other";
};
