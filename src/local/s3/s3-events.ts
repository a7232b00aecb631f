import type { AwsEventInput } from "#local/events/event.ts";

/** What led to an event: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-mapping-troubleshooting.html */
export type CreatedReason = "PutObject" | "CompleteMultipartUpload" | "CopyObject";

interface Change {
  readonly bucket: string;
  readonly key: string;
  readonly sequencer: string;
  readonly requestId: string;
  /** An account id or a service of AWS. */
  readonly requester: string;
}

/** The shape: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html. The key is as it is, not encoded. */
export function objectCreated(change: Change & { size: number; etag: string; reason: CreatedReason }): AwsEventInput {
  const { size, etag, reason } = change;
  return event("Object Created", change, { size, etag }, { reason });
}

export function objectDeleted(change: Change): AwsEventInput {
  return event("Object Deleted", change, {}, { reason: "DeleteObject", "deletion-type": "Permanently Deleted" });
}

function event(detailType: string, change: Change, object: object, why: object): AwsEventInput {
  const { bucket, key, sequencer, requestId, requester } = change;
  return {
    source: "aws.s3",
    detailType,
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: "0",
      bucket: { name: bucket },
      object: { key, ...object, sequencer },
      "request-id": requestId,
      requester,
      "source-ip-address": "127.0.0.1",
      ...why,
    },
  };
}

/** Grows with every change, also over a restart, as 16 hexadecimal digits: compared as text, the later one is greater. */
export function createSequencer(now: () => number): () => string {
  let last = 0n;
  return () => {
    // A thousand per millisecond before one would have to run ahead of the clock.
    const next = BigInt(now()) * 1000n;
    last = next > last ? next : last + 1n;
    return last.toString(16).toUpperCase().padStart(16, "0");
  };
}
