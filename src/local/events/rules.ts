import type { Journal } from "#local/kept/journal.ts";
import { EventBridgeError } from "./event-bridge-error.ts";
import { compilePattern, InvalidPatternError } from "./event-pattern.ts";

export interface Target {
  readonly Id: string;
  readonly Arn: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly SqsParameters?: { readonly MessageGroupId?: string };
}

export interface Rule {
  readonly name: string;
  readonly bus: string;
  readonly pattern: string;
  readonly description: string | undefined;
  readonly enabled: boolean;
  readonly matches: (event: unknown) => boolean;
  readonly targets: Map<string, Target>;
}

export interface RuleInput {
  readonly name: string;
  readonly bus: string;
  readonly pattern: string;
  readonly description?: string | undefined;
  readonly enabled: boolean;
}

interface KeptRule extends RuleInput {
  readonly targets: readonly Target[];
}

const namePattern = /^[\w.-]{1,64}$/;
/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html */
const busNamePattern = /^[\w./-]{1,256}$/;

/** Buses and the rules on them. A bus is named by its name or its ARN. */
export function createRules(journal: Journal) {
  const buses = new Map<string, Map<string, Rule>>([["default", new Map()]]);
  const keptBuses = journal.table<true>("events.buses", {
    read: (name) => (buses.has(name) ? true : undefined),
    keys: () => buses.keys(),
  });
  const keptRules = journal.table<KeptRule>("events.rules", {
    // Names have no spaces.
    read: (key) => keptRule(find(...(key.split(" ") as [string, string]))),
    keys: () => [...buses].flatMap(([bus, rules]) => [...rules.keys()].map((name) => `${bus} ${name}`)),
  });
  for (const name of keptBuses.kept.keys()) if (!buses.has(name)) buses.set(name, new Map());
  for (const { targets, ...rule } of keptRules.kept.values()) {
    const byId = new Map(targets.map((target) => [target.Id, target]));
    rulesOf(rule.bus).set(rule.name, ruleOf(rule, byId));
  }

  function find(bus: string, name: string): Rule | undefined {
    return buses.get(bus)?.get(name);
  }
  const changed = (bus: string, name: string) => keptRules.changed(`${nameOf(bus)} ${name}`);
  function nameOf(bus: string): string {
    return bus.startsWith("arn:") ? bus.slice(bus.indexOf("/") + 1) : bus;
  }

  function rulesOf(bus: string): Map<string, Rule> {
    const rules = buses.get(nameOf(bus));
    if (!rules) throw new EventBridgeError("ResourceNotFoundException", `Event bus ${nameOf(bus)} does not exist.`);
    return rules;
  }

  function rule(bus: string, name: string): Rule {
    const found = rulesOf(bus).get(name);
    if (!found)
      throw new EventBridgeError(
        "ResourceNotFoundException",
        `Rule ${name} does not exist on EventBus ${nameOf(bus)}.`,
      );
    return found;
  }

  return {
    rule,
    find,
    changed,
    list: (bus: string): Rule[] => [...rulesOf(bus).values()],
    buses: (): string[] => [...buses.keys()],
    hasBus: (bus: string): boolean => buses.has(nameOf(bus)),

    createBus(name: string): void {
      if (!busNamePattern.test(name))
        throw new EventBridgeError("ValidationException", `"${name}" is not a name of an event bus.`);
      if (buses.has(name))
        throw new EventBridgeError("ResourceAlreadyExistsException", `Event bus ${name} already exists.`);
      buses.set(name, new Map());
      keptBuses.changed(name);
    },

    /** Put again, a rule keeps its targets. */
    put({ name, bus, pattern, description, enabled }: RuleInput): void {
      if (!namePattern.test(name))
        throw new EventBridgeError("ValidationException", `"${name}" is not a name of a rule.`);
      const rules = rulesOf(bus);
      const targets = rules.get(name)?.targets ?? new Map<string, Target>();
      rules.set(name, ruleOf({ name, bus: nameOf(bus), pattern, description, enabled }, targets));
      changed(bus, name);
    },

    delete(bus: string, name: string): void {
      // A rule that is not there may be deleted, one with targets may not.
      if ((rulesOf(bus).get(name)?.targets.size ?? 0) > 0) {
        throw new EventBridgeError("ValidationException", "Rule can't be deleted since it has targets.");
      }
      rulesOf(bus).delete(name);
      changed(bus, name);
    },

    matching: (bus: string, event: unknown): Rule[] =>
      [...rulesOf(bus).values()].filter((candidate) => candidate.enabled && candidate.matches(event)),
  };
}

export type Rules = ReturnType<typeof createRules>;

const ruleOf = (rule: RuleInput, targets: Map<string, Target>): Rule => ({
  ...rule,
  description: rule.description,
  matches: compile(rule.pattern),
  targets,
});

const keptRule = (rule: Rule | undefined): KeptRule | undefined => {
  if (!rule) return undefined;
  const { matches: _, targets, ...kept } = rule;
  return { ...kept, targets: [...targets.values()] };
};

function compile(pattern: string): Rule["matches"] {
  try {
    return compilePattern(pattern);
  } catch (error) {
    if (!(error instanceof InvalidPatternError)) throw error;
    throw new EventBridgeError("InvalidEventPatternException", error.message);
  }
}
