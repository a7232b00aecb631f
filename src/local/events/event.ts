/** An event as EventBridge delivers it: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
export interface AwsEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, in whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** An event without what the bus adds. */
export type EventContent = Omit<AwsEvent, "version" | "id" | "account" | "region">;

/** What a service of the embedded AWS says of something that happened. */
export interface AwsEventInput {
  /** "aws.s3", "aws.emr-serverless", … */
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly resources?: readonly string[];
  /** A new one, unless told: an event that AWS delivers twice keeps its id. */
  readonly id?: string;
  /** ISO 8601; now, unless told. */
  readonly time?: string;
}

export type EmitEvent = (event: AwsEventInput) => void;
