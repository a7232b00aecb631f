import { localAccountId } from "#local/aws-service.ts";
import type { EventContent } from "./event.ts";
import { EventBridgeError } from "./event-bridge-error.ts";
import { maxEntries, maxTotalBytes, type PutEventsEntry, readEntry, sizeOfEntry } from "./put-events.ts";
import type { Rule, Rules, Target } from "./rules.ts";

type Input = Readonly<Record<string, unknown>>;

interface OperationsOptions {
  readonly rules: Rules;
  readonly region: string;
  readonly now: () => number;
  readonly newId: () => string;
  /** Delivers to the rules that match and gives the id of the event. */
  readonly publish: (bus: string, content: EventContent) => string;
}

const invalid = (message: string) => new EventBridgeError("ValidationException", message);
const busOf = (input: Input): string => (typeof input["EventBusName"] === "string" ? input["EventBusName"] : "default");

function text(input: Input, name: string): string {
  const value = input[name];
  if (typeof value !== "string" || value === "")
    throw invalid(`Value at '${name}' failed to satisfy constraint: Member must not be null`);
  return value;
}

function list(input: Input, name: string): unknown[] {
  const value = input[name];
  if (!Array.isArray(value) || value.length === 0) {
    throw invalid(
      `Value at '${name}' failed to satisfy constraint: Member must have length greater than or equal to 1`,
    );
  }
  return value;
}

/** By their names in https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Operations.html */
export function createOperations(options: OperationsOptions): Readonly<Record<string, (input: Input) => object>> {
  const { rules, region } = options;
  const arn = (resource: string) => `arn:aws:events:${region}:${localAccountId}:${resource}`;
  const ruleArn = ({ bus, name }: Rule) => arn(bus === "default" ? `rule/${name}` : `rule/${bus}/${name}`);
  const busAnswer = (name: string) => ({ Name: name, Arn: arn(`event-bus/${name}`) });
  const ruleAnswer = (rule: Rule) => ({
    Name: rule.name,
    Arn: ruleArn(rule),
    EventPattern: rule.pattern,
    State: rule.enabled ? "ENABLED" : "DISABLED",
    Description: rule.description,
    EventBusName: rule.bus,
  });
  const startsWith = (input: Input) => {
    const prefix = String(input["NamePrefix"] ?? "");
    return ({ Name }: { Name: string }) => Name.startsWith(prefix);
  };

  return {
    PutEvents: (input) => putEvents(options, input),
    CreateEventBus: (input) => {
      rules.createBus(text(input, "Name"));
      return { EventBusArn: arn(`event-bus/${text(input, "Name")}`) };
    },
    DescribeEventBus: (input) => {
      const name = String(input["Name"] ?? "default");
      if (!rules.hasBus(name))
        throw new EventBridgeError("ResourceNotFoundException", `Event bus ${name} does not exist.`);
      return busAnswer(name);
    },
    ListEventBuses: (input) => ({ EventBuses: rules.buses().map(busAnswer).filter(startsWith(input)) }),
    PutRule: (input) => {
      const name = text(input, "Name");
      if (input["ScheduleExpression"] !== undefined) throw invalid("The embedded EventBridge runs no schedules.");
      const description = typeof input["Description"] === "string" ? input["Description"] : undefined;
      const enabled = input["State"] !== "DISABLED";
      rules.put({ name, bus: busOf(input), pattern: text(input, "EventPattern"), description, enabled });
      return { RuleArn: ruleArn(rules.rule(busOf(input), name)) };
    },
    DescribeRule: (input) => ruleAnswer(rules.rule(busOf(input), text(input, "Name"))),
    ListRules: (input) => ({ Rules: rules.list(busOf(input)).map(ruleAnswer).filter(startsWith(input)) }),
    DeleteRule: (input) => {
      rules.delete(busOf(input), text(input, "Name"));
      return {};
    },
    PutTargets: (input) => {
      const { bus, name, targets } = rules.rule(busOf(input), text(input, "Rule"));
      const answer = putTargets(targets, list(input, "Targets"));
      rules.changed(bus, name);
      return answer;
    },
    ListTargetsByRule: (input) => ({ Targets: [...rules.rule(busOf(input), text(input, "Rule")).targets.values()] }),
    RemoveTargets: (input) => {
      const { bus, name, targets } = rules.rule(busOf(input), text(input, "Rule"));
      for (const id of list(input, "Ids")) targets.delete(String(id));
      rules.changed(bus, name);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
  };
}

function putEvents({ rules, now, newId, publish }: OperationsOptions, input: Input): object {
  const entries = list(input, "Entries") as PutEventsEntry[];
  if (entries.length > maxEntries) {
    throw invalid(
      `Value at 'entries' failed to satisfy constraint: Member must have length less than or equal to ${maxEntries}`,
    );
  }
  const size = entries.reduce((sum, entry) => sum + sizeOfEntry(entry), 0);
  if (size >= maxTotalBytes)
    throw invalid(`Total size of the entries in the request is over the limit: ${size} of ${maxTotalBytes} bytes.`);
  const results = entries.map((entry) => {
    const content = readEntry(entry, now());
    if ("ErrorCode" in content) return content;
    const bus = typeof entry.EventBusName === "string" ? entry.EventBusName : "default";
    // An event for a bus that is not there is taken, has an id, and goes nowhere.
    return { EventId: rules.hasBus(bus) ? publish(bus, content) : newId() };
  });
  return { FailedEntryCount: results.filter((result) => "ErrorCode" in result).length, Entries: results };
}

function putTargets(targets: Rule["targets"], entries: readonly unknown[]): object {
  const failed: object[] = [];
  for (const target of entries as Target[]) {
    const why = targetFault(target);
    if (why) failed.push({ TargetId: target.Id, ErrorCode: "ValidationException", ErrorMessage: why });
    else targets.set(target.Id, target);
  }
  return { FailedEntryCount: failed.length, FailedEntries: failed };
}

function targetFault(target: Target): string | undefined {
  if (typeof target.Id !== "string" || typeof target.Arn !== "string") return "A target needs an Id and an Arn.";
  if (!target.Arn.startsWith("arn:aws:sqs:"))
    return `The embedded EventBridge delivers to SQS queues, not to ${target.Arn}.`;
  if (target.InputPath !== undefined && !/^\$(\.[\w-]+)*$/.test(target.InputPath))
    return `Invalid InputPath ${target.InputPath}.`;
  const unknown = Object.keys(target).filter(
    (name) => !["Id", "Arn", "Input", "InputPath", "SqsParameters"].includes(name),
  );
  return unknown.length > 0 ? `The embedded EventBridge has no ${unknown.join(", ")} of a target.` : undefined;
}
