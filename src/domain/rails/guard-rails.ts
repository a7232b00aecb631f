import { deniedAt, type Fault } from "#domain/fault.ts";
import type { Acknowledgement } from "#domain/tenant/property-rules.ts";
import { brokenVariables } from "./environment-variables.ts";
import { brokenOptions } from "./java-options.ts";
import { keyRails } from "./key-rails.ts";
import type { RailName } from "./rail-names.ts";
import { remembered } from "./remembered.ts";
import { isProperty, means, namesOf, type Reader, type Setting } from "./setting.ts";
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

/** Log4j's and the metrics' own keys have no other names. */
const isMeant = (keys: RegExp, { reader, key }: Pick<Setting, "reader" | "key">): boolean =>
  isProperty({ reader }) ? namesOf(key).some((name) => keys.test(name)) : keys.test(key.toLowerCase());

interface Broken {
  readonly rail: RailName;
  /** What an acknowledgement may match: the key, the variable, or the key in whose value it stands. */
  readonly keys: readonly string[];
  readonly current: string;
  readonly rule: string;
}

const readers: readonly Reader[] = ["spark", "site", "system", "environment", "logging", "metrics"];

const isReadBy = (reader: Reader, rail: { readonly reader?: Reader }): boolean =>
  rail.reader === undefined ? isProperty({ reader }) : rail.reader === reader;

/** The guard rails of a key, for each of its readers. */
const railsOfKey = Object.fromEntries(
  readers.map((reader) => [
    reader,
    remembered((key) => ({
      keyRails: keyRails.filter((one) => isReadBy(reader, one) && isMeant(one.keys, { reader, key })),
      valueRails: valueRails.filter((one) => isReadBy(reader, one) && isMeant(one.keys, { reader, key })),
    })),
  ]),
);

const brokenKeys = ({ reader, key, value, carrier }: Setting, { prefixes }: RailContext): Broken[] => {
  const found = railsOfKey[reader]?.(key);
  const keys = carrier === undefined ? [key] : [key, carrier];
  return [
    ...(found?.keyRails ?? []).map(({ rail, rule }) => ({
      rail,
      keys,
      current: key,
      rule: `must not set this key: ${rule}`,
    })),
    ...(found?.valueRails ?? []).flatMap(({ rail, broken, wanted }) =>
      broken(value, prefixes).map((part) => ({
        rail,
        keys,
        current: carrier === undefined ? part : key,
        rule: `${key} ${wanted(prefixes)}`,
      })),
    ),
  ];
};

/** A value is never told where it may be a secret: of a variable or an option its name is. */
const brokenInside = (setting: Setting): Broken[] => [
  ...brokenVariables(setting).map(({ rail, name, rule }) => ({
    rail,
    keys: [name, setting.key],
    current: name,
    rule: `must not set this environment variable: ${rule}`,
  })),
  ...(isProperty(setting) ? brokenOptions(setting) : []).map(({ rail, option, rule }) => ({
    rail,
    keys: [setting.key],
    current: option,
    rule: `${setting.key} ${rule}`,
  })),
];

/** One rule of a guard rail is enough where several mean the same. */
const onePerRail = (found: readonly Broken[]): Broken[] =>
  found.length < 2
    ? [...found]
    : [...new Map(found.toReversed().map((one) => [`${one.rail} ${one.current}`, one])).values()].toReversed();

/** What of a job's settings the guard rails refuse, but for what the tenant's file acknowledges. */
export const guardRailFaults = (settings: readonly Setting[], context: RailContext): Fault[] =>
  settings.flatMap((setting) =>
    onePerRail([...brokenKeys(setting, context), ...brokenInside(setting)])
      .filter(({ rail, keys }) => !keys.some((key) => isAcknowledged(context, rail, key)))
      .map((broken) => railFault(setting.path, broken)),
  );
