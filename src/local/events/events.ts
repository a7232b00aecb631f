import { jsonAnswer, jsonError } from "#local/aws-errors.ts";
import { type AwsRequest, type AwsResponse, type AwsService, localAccountId } from "#local/aws-service.ts";
import type { Schedule } from "#local/schedule.ts";
import { createDelivery, type DeliveryOptions, type EventTarget, lambdaRetryDelaysMs } from "./delivery.ts";
import type { AwsEvent, AwsEventInput, EventContent } from "./event.ts";
import { EventBridgeError } from "./event-bridge-error.ts";
import { createOperations } from "./operations.ts";
import { wholeSeconds } from "./put-events.ts";
import { createRules, type Rule, type Target } from "./rules.ts";

/** Sends to a queue of the embedded SQS. */
type SendToQueue = (message: { queueArn: string; body: string; messageGroupId?: string }) => Promise<void>;

export interface EventsOptions {
  readonly now: () => number;
  /** Of events, rules' answers and the like: a UUID. */
  readonly newId: () => string;
  readonly region: string;
  readonly schedule: Schedule;
  readonly sendToQueue: SendToQueue;
  readonly onUndelivered: DeliveryOptions["onUndelivered"];
  /** Of targets in this process; as Lambda's, unless told. */
  readonly retryDelaysMs?: readonly number[];
}

/** EventBridge in memory. */
export interface Events extends AwsService {
  /** Puts an `aws.*` event on the default bus, as AWS's own services do. */
  emit(event: AwsEventInput): void;
  /** A rule with a target in this process. `bus` is "default" unless told, and made if it is not there. */
  addRule(rule: { name: string; bus?: string; pattern: object; target?: EventTarget }): void;
  /** Adds a target in this process to a rule, which may be made later; of the bus "default" unless told. */
  addTarget(ruleName: string, target: EventTarget, bus?: string): void;
  createBus(name: string): void;
  /** Resolves when no delivery is under way; tries that wait for their time do not count. */
  idle(): Promise<void>;
  end(): Promise<void>;
}

/** A few quick tries; a queue of this process either is there or is not. */
const queueRetryDelaysMs = [100, 200];

export function createEvents(options: EventsOptions): Events {
  const { now, newId, region, sendToQueue } = options;
  const rules = createRules();
  const delivery = createDelivery(options);
  const inProcess = new Map<string, EventTarget[]>();

  function publish(bus: string, content: EventContent, id: string = newId()): string {
    const { source, time, resources, detail } = content;
    const detailType = content["detail-type"];
    const event: AwsEvent = {
      version: "0",
      id,
      "detail-type": detailType,
      source,
      account: localAccountId,
      time,
      region,
      resources,
      detail,
    };
    for (const rule of rules.matching(bus, event)) deliverTo(rule, event);
    return id;
  }

  function deliverTo(rule: Rule, event: AwsEvent): void {
    const retryDelaysMs = options.retryDelaysMs ?? lambdaRetryDelaysMs;
    for (const deliver of inProcess.get(`${rule.bus} ${rule.name}`) ?? []) {
      delivery.start({ event: structuredClone(event), rule: rule.name, deliver, retryDelaysMs });
    }
    for (const target of rule.targets.values()) {
      const deliver = (sent: AwsEvent) => sendToQueue(messageFor(target, sent));
      delivery.start({ event, rule: rule.name, deliver, retryDelaysMs: queueRetryDelaysMs });
    }
  }

  function addTarget(ruleName: string, target: EventTarget, bus = "default"): void {
    const rule = `${bus} ${ruleName}`;
    inProcess.set(rule, [...(inProcess.get(rule) ?? []), target]);
  }

  const operations = createOperations({ rules, region, now, newId, publish });

  return {
    handle: async (request: AwsRequest): Promise<AwsResponse> => {
      const name = request.headers["x-amz-target"]?.split(".")[1] ?? "";
      const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
      if (!operation)
        return jsonError("UnknownOperationException", `The embedded EventBridge has no operation "${name}".`);
      try {
        return jsonAnswer(operation(readInput(request.body)));
      } catch (error) {
        if (!(error instanceof EventBridgeError)) throw error;
        return jsonError(error.code, error.message);
      }
    },
    emit: ({ source, detailType, detail, resources = [], time, id }) => {
      const at = wholeSeconds(time === undefined ? now() : Date.parse(time));
      publish("default", { source, "detail-type": detailType, detail, resources, time: at }, id);
    },
    addRule: ({ name, bus = "default", pattern, target }) => {
      if (!rules.hasBus(bus)) rules.createBus(bus);
      rules.put({ name, bus, pattern: JSON.stringify(pattern), enabled: true });
      if (target) addTarget(name, target, bus);
    },
    addTarget,
    createBus: rules.createBus,
    idle: delivery.idle,
    end: () => delivery.end(),
  };
}

function readInput(body: Buffer): Record<string, unknown> {
  let input: unknown;
  try {
    input = JSON.parse(body.toString() || "{}");
  } catch {
    input = undefined;
  }
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return { ...input };
  throw new EventBridgeError("SerializationException", "The request body is not a JSON object.");
}

/** What a queue gets: the event, or what the target says instead. */
function messageFor(target: Target, event: AwsEvent): { queueArn: string; body: string; messageGroupId?: string } {
  const body =
    target.Input ?? JSON.stringify(target.InputPath === undefined ? event : valueAt(event, target.InputPath));
  const messageGroupId = target.SqsParameters?.MessageGroupId;
  return { queueArn: target.Arn, body, ...(messageGroupId !== undefined && { messageGroupId }) };
}

/** The path is of the form `$.detail.object`. */
function valueAt(event: AwsEvent, path: string): unknown {
  let value: unknown = event;
  for (const name of path.split(".").slice(1)) {
    value = typeof value === "object" && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : null;
  }
  return value;
}
