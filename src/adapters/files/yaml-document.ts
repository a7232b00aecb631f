import { isAlias, isCollection, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Position } from "./file-fault.ts";
import { aliasFaults, keyFaults, type OffsetFault, tagFaults, type YamlSource } from "./yaml-limits.ts";

/** What is wrong with a text as YAML. */
export interface YamlFault extends Position {
  readonly message: string;
}

export interface YamlDocument {
  readonly value: unknown;
  /** Where a JSON pointer leads; the nearest container where there is nothing. `key` asks for the field's name. */
  position(pointer: string, part: "key" | "value"): Position;
  /** Whether YAML read an unquoted text there as a number, a boolean or null. */
  isUnquoted(pointer: string): boolean;
}

/** A document beside its faults: where these are about single keys only, the rest of it can still be judged. */
export interface YamlText {
  readonly faults: readonly YamlFault[];
  readonly document?: YamlDocument;
}

/** Largest file: a tenant's file has a few hundred lines. */
export const maxFileBytes = 256 * 1024;

/** Faults of syntax cascade: the first ones say it all. */
const maxSyntaxFaults = 10;

const syntaxFaults = (source: YamlSource): OffsetFault[] => {
  const deep = source.errors.find(({ code }) => code === "RESOURCE_EXHAUSTION");
  if (deep !== undefined) return [{ offset: 0, message: "must be YAML that is not nested this deeply" }];
  return source.errors
    .filter(({ code }) => code !== "DUPLICATE_KEY")
    .slice(0, maxSyntaxFaults)
    .map(({ pos, message }) => ({ offset: pos[0], message: `must be YAML 1.2: ${message}` }));
};

/** `%YAML 1.1` would turn words such as `no` and `on` into booleans. */
const versionFaults = ({ directives }: YamlSource): OffsetFault[] => {
  const version = directives?.yaml.version ?? "1.2";
  return version === "1.2" ? [] : [{ offset: 0, message: `must be YAML 1.2: current version is ${version}` }];
};

const repeatedKeys = ({ errors }: YamlSource, text: string): OffsetFault[] =>
  errors
    .filter(({ code }) => code === "DUPLICATE_KEY")
    .map(({ pos: [from] }) => {
      const key = /^[^\s:,{}]+/.exec(text.slice(from))?.[0] ?? "the key";
      return { offset: from, message: `must have each key once: ${key} is there already` };
    });

const segmentsOf = (pointer: string): string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));

interface Place {
  readonly key?: unknown;
  readonly value: unknown;
}

const childOf = (container: unknown, segment: string): Place | undefined => {
  if (isMap(container)) {
    return container.items.find(({ key }) => isScalar(key) && String(key.value) === segment);
  }
  if (!isSeq(container)) return undefined;
  const value = container.items[Number(segment)];
  return value === undefined ? undefined : { value };
};

interface Found {
  /** What is shown for the value: the alias that led to it, where one did. */
  readonly place: Place;
  /** What is there; absent where the pointer leads to nothing, and `place` is the nearest container. */
  readonly node?: unknown;
}

const find = (source: YamlSource, pointer: string): Found => {
  let place: Place = { value: source.contents };
  let node: unknown = source.contents;
  let behindAlias = false;
  for (const segment of segmentsOf(pointer)) {
    if (isAlias(node)) {
      behindAlias = true;
      node = node.resolve(source);
    }
    const child = childOf(node, segment);
    if (child === undefined) return { place };
    node = child.value;
    if (!behindAlias) place = child;
  }
  return { place, node };
};

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);

const offsetOf = (source: YamlSource, pointer: string, part: "key" | "value"): number => {
  const { place, node } = find(source, pointer);
  const blockBelowKey = isCollection(place.value) && place.value.flow !== true;
  const wantsKey = part === "key" || node === undefined || blockBelowKey;
  return (wantsKey ? startOf(place.key) : undefined) ?? startOf(place.value) ?? startOf(place.key) ?? 0;
};

/** A text as YAML 1.2 without tags of its own, with the place of every value. */
export const readYaml = (text: string): YamlText => {
  const lines = new LineCounter();
  const source = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const located = (faults: readonly OffsetFault[]): YamlFault[] =>
    faults.map(({ offset, message }) => ({ ...at(offset), message }));
  const fatal = [...syntaxFaults(source), ...versionFaults(source)];
  const broken = fatal.length > 0 ? fatal : [...aliasFaults(source), ...keyFaults(source), ...tagFaults(source)];
  const faults = located([...broken, ...repeatedKeys(source, text)]);
  if (broken.length > 0) return { faults };
  // The aliases are bounded above, so the parser need not count them again.
  const value: unknown = source.toJS({ maxAliasCount: -1 });
  return {
    faults,
    document: {
      value,
      position: (pointer, part) => at(offsetOf(source, pointer, part)),
      isUnquoted: (pointer) => {
        const { node } = find(source, pointer);
        return isScalar(node) && node.type === "PLAIN" && typeof node.value !== "string";
      },
    },
  };
};
