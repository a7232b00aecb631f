import { deniedAt, type Fault } from "#domain/fault.ts";
import type { Acknowledgement } from "#domain/tenant/property-rules.ts";
import { brokenVariables } from "./environment-variables.ts";
import { brokenOptions } from "./java-options.ts";
import { keyRails } from "./key-rails.ts";
import type { RailName } from "./rail-names.ts";
import { matchesKey, means, type Setting } from "./setting.ts";
import { valueRails } from "./value-rails.ts";

/** What a tenant's file says of the guard rails. */
export interface RailContext {
  /** Where the tenant's code may come from. */
  readonly prefixes: readonly string[];
  readonly acknowledged: readonly Acknowledgement[];
}

/** Whether the tenant's file lets a guard rail down for a key. */
export const isAcknowledged = (
  { acknowledged }: Pick<RailContext, "acknowledged">,
  rail: RailName,
  key: string,
): boolean => acknowledged.some((one) => one.rail === rail && one.keys.some((pattern) => means(pattern, key)));

/** A fault of a guard rail: it names the rail, by which docs/guard-rails.md and the tenant's file find it. */
export const railFault = (
  path: readonly PropertyKey[],
  { rail, current, rule }: { rail: RailName; current: string; rule: string },
): Fault => deniedAt(path, current, `${rule} (guard rail "${rail}")`);

const isProperty = ({ reader }: Setting): boolean => reader === "spark" || reader === "site";

/** Log4j's and the metrics' own keys have no other names. */
const isMeant = (rule: string, setting: Setting): boolean =>
  isProperty(setting) ? means(rule, setting.key) : matchesKey(rule, setting.key.toLowerCase());

interface Broken {
  readonly rail: RailName;
  /** What an acknowledgement has to match. */
  readonly key: string;
  readonly current: string;
  readonly rule: string;
}

const brokenKeys = (setting: Setting): Broken[] =>
  keyRails
    .filter(({ reader }) => (reader === undefined ? isProperty(setting) : reader === setting.reader))
    .filter(({ keys }) => keys.some((rule) => isMeant(rule, setting)))
    .map(({ rail, rule }) => ({
      rail,
      key: setting.key,
      current: setting.key,
      rule: `must not set this key: ${rule}`,
    }));

const brokenValues = (setting: Setting, { prefixes }: RailContext): Broken[] =>
  valueRails
    .filter(({ keys }) => isProperty(setting) && keys.some((rule) => means(rule, setting.key)))
    .flatMap(({ rail, broken, wanted }) =>
      broken(setting.value, prefixes).map((current) => ({
        rail,
        key: setting.key,
        current,
        rule: `${setting.key} ${wanted(prefixes)}`,
      })),
    );

/** A value is never told where it may be a secret: of a variable or an option its name is. */
const brokenInside = (setting: Setting): Broken[] => [
  ...brokenVariables(setting).map(({ rail, name, rule }) => ({
    rail,
    key: name,
    current: name,
    rule: `must not set this environment variable: ${rule}`,
  })),
  ...(isProperty(setting) ? brokenOptions(setting) : []).map(({ rail, option, rule }) => ({
    rail,
    key: setting.key,
    current: option,
    rule: `${setting.key} ${rule}`,
  })),
];

/** What of a job's settings the guard rails refuse, but for what the tenant's file acknowledges. */
export const guardRailFaults = (settings: readonly Setting[], context: RailContext): Fault[] =>
  settings.flatMap((setting) =>
    [...brokenKeys(setting), ...brokenValues(setting, context), ...brokenInside(setting)]
      .filter(({ rail, key }) => !isAcknowledged(context, rail, key))
      .map((broken) => railFault(setting.path, broken)),
  );
