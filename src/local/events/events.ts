import { jsonAnswer, jsonError } from "#local/aws-errors.ts";
import { type AwsRequest, type AwsResponse, type AwsService, localAccountId } from "#local/aws-service.ts";
import { type Journal, noJournal } from "#local/kept/journal.ts";
import type { Schedule } from "#local/schedule.ts";
import { createDelivery, type DeliveryOptions, type EventTarget } from "./delivery.ts";
import type { AwsEvent, AwsEventInput, EventContent } from "./event.ts";
import { EventBridgeError } from "./event-bridge-error.ts";
import { createOperations } from "./operations.ts";
import { wholeSeconds } from "./put-events.ts";
import { createRules } from "./rules.ts";
import { createTargets, type SendToQueue } from "./targets.ts";

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
  /** Keeps buses, rules and what is not delivered; without one they go with the process. */
  readonly journal?: Journal;
}

/** EventBridge: buses, rules, and events on their way to targets. */
export interface Events extends AwsService {
  /** Puts an `aws.*` event on the default bus, as AWS's own services do. */
  emit(event: AwsEventInput): void;
  /** A rule with a target in this process. `bus` is "default" unless told, and made if it is not there. */
  addRule(rule: { name: string; bus?: string; pattern: object; target?: EventTarget }): void;
  /** Adds a target in this process to a rule, which may be made later; of the bus "default" unless told. */
  addTarget(ruleName: string, target: EventTarget, bus?: string): void;
  /** A bus that is there already stays as it is. */
  createBus(name: string): void;
  /** Delivers what the process before this one did not; what is for targets in this process waits for them. */
  resume(): void;
  /** Resolves when no delivery is under way; tries that wait for their time do not count. */
  idle(): Promise<void>;
  end(): Promise<void>;
}

export function createEvents(options: EventsOptions): Events {
  const { now, newId, region, journal = noJournal } = options;
  const rules = createRules(journal);
  const targets = createTargets({ ...options, journal, rules });
  const delivery = createDelivery({ ...options, journal, targetOf: targets.targetOf });

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
    for (const rule of rules.matching(bus, event)) {
      for (const target of targets.namesOf(rule)) delivery.start({ event, bus: rule.bus, rule: rule.name, target });
    }
    return id;
  }

  function addTarget(ruleName: string, target: EventTarget, bus = "default"): void {
    targets.add(bus, ruleName, target);
    delivery.resume();
  }
  const createBus = (name: string) => {
    if (!rules.hasBus(name)) rules.createBus(name);
  };

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
      createBus(bus);
      rules.put({ name, bus, pattern: JSON.stringify(pattern), enabled: true });
      if (target) addTarget(name, target, bus);
    },
    addTarget,
    createBus,
    resume: delivery.resume,
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
