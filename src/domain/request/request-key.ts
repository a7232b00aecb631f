/**
 * What makes two deliveries the same job request. The submission id, which is also StartJobRun's clientToken, is
 * derived from it and from nothing else, so that whatever is delivered again finds the first submission.
 */
export type RequestKey =
  /** The caller's own request id, from the document, the Idempotency-Key header or the message attribute. */
  | { readonly kind: "request"; readonly requestId: string }
  /** One version of one S3 object, by whichever route the notification came. */
  | { readonly kind: "object"; readonly bucket: string; readonly key: string; readonly version: string }
  /** One firing of one schedule. */
  | { readonly kind: "schedule"; readonly arn: string; readonly time: string }
  /** The id that SQS gave the message, or EventBridge the event. */
  | { readonly kind: "delivery"; readonly id: string }
  /** An id that stands in a message, of an SNS notification or an event: who sent the message may have made it up. */
  | { readonly kind: "enclosed"; readonly id: string }
  /** Nothing that survives a retry: an HTTP request without a request id. */
  | { readonly kind: "none"; readonly newId: string };

/** SHA-256 of UTF-8 text in base64url without padding: 43 characters of `[A-Za-z0-9_-]`. */
export type Digest = (text: string) => string;

/** EMR Serverless's ClientToken shape (service model 2021-07-13). */
const clientToken = /^[A-Za-z0-9._-]{1,64}$/;

/** Prefixes of derived ids: an AWS delivery id that begins like one is hashed, so that the kinds never meet. */
const derived = /^(req|s3|sch|msg|new)\./;

/** Parts as one text that no other parts give: lengths keep `a,b` and `ab,` apart. */
const canonical = (parts: readonly string[]): string => parts.map((part) => `${part.length}:${part}`).join("");

/**
 * The submission id of a request key in a tenant. Everything that a caller can choose is hashed with the tenant, so no
 * tenant can aim at another's submission; ids that AWS chose pass as they are where EMR's pattern allows it.
 */
export const submissionIdOf = (tenantId: string, key: RequestKey, digest: Digest): string => {
  switch (key.kind) {
    case "request":
      return `req.${digest(canonical(["request", tenantId, key.requestId]))}`;
    case "object":
      return `s3.${digest(canonical(["object", tenantId, key.bucket, key.key, key.version]))}`;
    case "schedule":
      return `sch.${digest(canonical(["schedule", tenantId, key.arn, key.time]))}`;
    case "delivery":
      return clientToken.test(key.id) && !derived.test(key.id)
        ? key.id
        : `msg.${digest(canonical(["delivery", tenantId, key.id]))}`;
    case "enclosed":
      return `msg.${digest(canonical(["enclosed", tenantId, key.id]))}`;
    case "none":
      return `new.${key.newId}`;
  }
};

/** The request id of a job request, where the document and the door's own field may each give one. */
export const chosenRequestId = (
  fromDocument: string | undefined,
  fromDoor: string | undefined,
): { readonly requestId?: string; readonly clash?: true } => {
  if (fromDocument !== undefined && fromDoor !== undefined && fromDocument !== fromDoor) return { clash: true };
  const requestId = fromDocument ?? fromDoor;
  return requestId === undefined ? {} : { requestId };
};
