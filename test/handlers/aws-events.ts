import { noon, ownAccount } from "./doors.ts";
import { ofAcme, sharedQueue, uploads } from "./tenants.ts";

export interface Sent {
  readonly messageId?: string;
  readonly body: unknown;
  readonly queue?: string;
  readonly sender?: string;
  readonly group?: string;
  readonly requestId?: string;
  /** How often it has been received, this time included. */
  readonly receives?: number;
}

/** One SQS record, from tenant acme's user to the shared queue unless told otherwise. */
export const sqsRecord = ({
  messageId = "6b1a6a7e-0001",
  body,
  queue,
  sender,
  group,
  requestId,
  receives = 1,
}: Sent) => ({
  messageId,
  receiptHandle: "AQEB",
  body: typeof body === "string" ? body : JSON.stringify(body),
  attributes: {
    ApproximateReceiveCount: String(receives),
    SentTimestamp: "1795348800000",
    SenderId: sender ?? ofAcme.userId,
    ApproximateFirstReceiveTimestamp: "1795348800001",
    ...(group !== undefined && { MessageGroupId: group }),
  },
  messageAttributes:
    requestId === undefined
      ? {}
      : {
          requestId: { stringValue: requestId, stringListValues: [], binaryListValues: [], dataType: "String" },
        },
  md5OfBody: "e4e68fb7bd0e697a0ae8f1bb342846b3",
  eventSource: "aws:sqs",
  eventSourceARN: queue ?? sharedQueue,
  awsRegion: "us-east-1",
});

export const sqsEvent = (...sent: Sent[]) => ({ Records: sent.map(sqsRecord) });

/** Sender ids of the AWS services that put messages on queues: no tenant lists them. */
export const serviceSender = "AIDAISMY7JYY5F7RTT6AO";

export interface Stored {
  /** As it is in S3. */
  readonly key: string;
  readonly bucket?: string;
  readonly versionId?: string;
  readonly sequencer?: string;
  readonly eventName?: string;
}

const formEncoded = (key: string): string => encodeURIComponent(key).replaceAll("%20", "+").replaceAll("%2F", "/");

/** One record of S3's own notification, whose key is form-encoded. */
export const s3Record = ({ key, bucket = uploads, versionId, sequencer, eventName = "ObjectCreated:Put" }: Stored) => ({
  eventVersion: "2.1",
  eventSource: "aws:s3",
  awsRegion: "us-east-1",
  eventTime: noon,
  eventName,
  userIdentity: { principalId: "AWS:AROAEXAMPLE:session" },
  s3: {
    s3SchemaVersion: "1.0",
    configurationId: "uploads",
    bucket: { name: bucket, ownerIdentity: { principalId: "A3I5XTEXAMPLE" }, arn: `arn:aws:s3:::${bucket}` },
    object: {
      key: formEncoded(key),
      size: 12,
      eTag: "d41d8cd98f00b204e9800998ecf8427e",
      ...(versionId !== undefined && { versionId }),
      sequencer: sequencer ?? "0055AED6DCD90281E5",
    },
  },
});

export const s3Notification = (...stored: Stored[]) => ({ Records: stored.map(s3Record) });

/** What S3 puts on a queue when a notification is configured. */
export const s3TestEvent = { Service: "Amazon S3", Event: "s3:TestEvent", Time: noon, Bucket: uploads };

/** SNS's envelope of a message, as a queue gets it with raw delivery off. */
export const snsEnvelope = (message: unknown, own: Readonly<Record<string, unknown>> = {}) => ({
  Type: "Notification",
  MessageId: "d88d4479-6ec0-54fe-b63f-1cf9df4bb16e",
  TopicArn: "arn:aws:sns:us-east-1:123456789012:uploads",
  Message: typeof message === "string" ? message : JSON.stringify(message),
  Timestamp: noon,
  SignatureVersion: "1",
  ...own,
});

/** An EventBridge event of our own account. Ids of AWS services are not version 4 UUIDs. */
export const busEvent = (own: Readonly<Record<string, unknown>>) => ({
  version: "0",
  id: "f5f1e65c-dc3a-93ca-6c1e-b1647eac7963",
  account: ownAccount,
  time: noon,
  region: "us-east-1",
  resources: [],
  ...own,
});

/** A Submission Requested event, by default of tenant acme's reserved source. */
export const requestedEvent = (detail: unknown, own: Readonly<Record<string, unknown>> = {}) =>
  busEvent({ source: ofAcme.source, "detail-type": "Submission Requested", detail, ...own });

/** S3's Object Created event, whose key is not encoded. */
export const objectCreated = (stored: Stored, own: Readonly<Record<string, unknown>> = {}) =>
  busEvent({
    source: "aws.s3",
    "detail-type": "Object Created",
    resources: [`arn:aws:s3:::${stored.bucket ?? uploads}`],
    detail: {
      version: "0",
      bucket: { name: stored.bucket ?? uploads },
      object: {
        key: stored.key,
        size: 12,
        etag: "d41d8cd98f00b204e9800998ecf8427e",
        ...(stored.versionId !== undefined && { "version-id": stored.versionId }),
        sequencer: stored.sequencer ?? "0055AED6DCD90281E5",
      },
      "request-id": "57H08PA84AB1JZW0",
      requester: ownAccount,
      reason: "PutObject",
    },
    ...own,
  });

/** A firing of EventBridge Scheduler without an input of its own: the detail is the text "{}". */
export const scheduledEvent = (arn: string, own: Readonly<Record<string, unknown>> = {}) =>
  busEvent({ source: "aws.scheduler", "detail-type": "Scheduled Event", resources: [arn], detail: "{}", ...own });

/** EMR Serverless's state change of a job run. */
export const jobRunChange = (
  jobRun: { readonly applicationId: string; readonly jobRunId: string; readonly state: string },
  own: Readonly<Record<string, unknown>> = {},
) =>
  busEvent({
    source: "aws.emr-serverless",
    "detail-type": "EMR Serverless Job Run State Change",
    detail: {
      ...jobRun,
      arn: `arn:aws:emr-serverless:us-east-1:${ownAccount}:/applications/${jobRun.applicationId}/jobruns/${jobRun.jobRunId}`,
      previousState: "RUNNING",
      releaseLabel: "emr-7.9.0",
      createdAt: "2026-11-22T12:00:00.000123Z",
      updatedAt: "2026-11-22T12:00:00.000123Z",
    },
    ...own,
  });

/** An object that tenant acme's trigger waits for. */
export const upload: Stored = { key: "acme/in/day.csv" };

/** A message that an AWS service puts on tenant acme's own queue of envelopes. */
export const toInbox = (body: unknown, own: Partial<Sent> = {}) =>
  sqsEvent({ messageId: "m", body, queue: ofAcme.inbox, sender: serviceSender, ...own });

/** A message that an AWS service puts on the shared queue. */
export const toShared = (body: unknown, own: Partial<Sent> = {}) =>
  sqsEvent({ messageId: "m", body, sender: serviceSender, ...own });
