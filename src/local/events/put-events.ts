import type { EventContent } from "./event.ts";

export interface PutEventsEntry {
  readonly Source?: unknown;
  readonly DetailType?: unknown;
  readonly Detail?: unknown;
  readonly Resources?: unknown;
  readonly EventBusName?: unknown;
  /** Seconds since 1970, as the JSON protocol sends a time. */
  readonly Time?: unknown;
}

export interface EntryFault {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
export const maxEntries = 10;
/** Of all entries together: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
export const maxTotalBytes = 256 * 1024;
/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
const maxDetailTypeLength = 128;

const fault = (ErrorCode: string, ErrorMessage: string): EntryFault => ({ ErrorCode, ErrorMessage });
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** 14 bytes for a time, and the UTF-8 of source, detail type, detail and resources. */
export function sizeOfEntry(entry: PutEventsEntry): number {
  const bytes = (value: unknown) => (typeof value === "string" ? Buffer.byteLength(value) : 0);
  const resources = Array.isArray(entry.Resources) ? entry.Resources : [];
  const time = entry.Time === undefined ? 0 : 14;
  return [entry.Source, entry.DetailType, entry.Detail, ...resources].reduce<number>(
    (sum, value) => sum + bytes(value),
    time,
  );
}

/** The event that an entry asks for, or why it is refused. */
export function readEntry(entry: PutEventsEntry, now: number): EventContent | EntryFault {
  const { Source: source, DetailType: detailType, Detail: text } = entry;
  if (!isText(source))
    return fault("InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument.");
  if (!isText(detailType)) {
    return fault("InvalidArgument", "Parameter DetailType is not valid. Reason: DetailType is a required argument.");
  }
  if (detailType.length > maxDetailTypeLength) {
    return fault(
      "InvalidArgument",
      `Parameter DetailType is not valid. Reason: DetailType is longer than ${maxDetailTypeLength} characters.`,
    );
  }
  if (!isText(text))
    return fault("InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument.");
  // Of AWS alone: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events.html
  if (source.startsWith("aws.")) {
    return fault("NotAuthorizedForSourceException", "Not authorized for the source.");
  }
  const detail = parseObject(text);
  if (!detail) return fault("MalformedDetail", "Detail is malformed.");
  const resources = Array.isArray(entry.Resources) ? entry.Resources.map(String) : [];
  const time = typeof entry.Time === "number" ? entry.Time * 1000 : now;
  return { source, "detail-type": detailType, detail, resources, time: wholeSeconds(time) };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

export const wholeSeconds = (epochMs: number): string => new Date(epochMs).toISOString().replace(/\.\d{3}Z$/, "Z");
