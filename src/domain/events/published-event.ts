/** An event as it is published: a CloudEvents 1.0 document under a detail-type. */
export interface PublishedEvent {
  readonly detailType: string;
  readonly time: string;
  readonly resources: readonly string[];
  readonly detail: CloudEvent;
}

/** CloudEvents 1.0 in its JSON form. */
export interface CloudEvent {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  /** Events of a subject stand in this order, as texts, whenever they come (CloudEvents, "Sequence" extension). */
  readonly sequence?: string;
  readonly datacontenttype: "application/json";
  readonly data: unknown;
}
