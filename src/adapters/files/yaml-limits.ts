import { type Alias, type Document, isAlias, isCollection, isPair, isScalar, type ParsedNode, visit } from "yaml";

export type YamlSource = Document<ParsedNode>;

/** A fault and the offset in the text that it is at. */
export interface OffsetFault {
  readonly offset: number;
  readonly message: string;
}

/** Most aliases in one file, and most values after they are expanded: more is an attack or an accident. */
const maxAliases = 100;
const maxValues = 10_000;

const aliasesIn = (source: YamlSource): Alias[] => {
  const found: Alias[] = [];
  visit(source, { Alias: (_key, alias) => void found.push(alias) });
  return found;
};

const offsetOf = ({ range }: { range?: readonly number[] | null | undefined }): number => range?.[0] ?? 0;

/** How many values a node has with its aliases expanded. One that contains itself has no end. */
const expandedSize = (source: YamlSource, node: unknown, sizes: Map<unknown, number>): number => {
  const known = sizes.get(node);
  if (known !== undefined) return known;
  sizes.set(node, Number.POSITIVE_INFINITY);
  const size = 1 + partsOf(source, node).reduce<number>((sum, part) => sum + expandedSize(source, part, sizes), 0);
  sizes.set(node, size);
  return size;
};

const partsOf = (source: YamlSource, node: unknown): unknown[] => {
  if (isAlias(node)) return [node.resolve(source)];
  if (isPair(node)) return [node.value];
  return isCollection(node) ? node.items : [];
};

/** Aliases that lead nowhere, or that make the document larger than any setup is (a "billion laughs" file). */
export const aliasFaults = (source: YamlSource): OffsetFault[] => {
  const aliases = aliasesIn(source);
  const tooMany = aliases[maxAliases];
  if (tooMany !== undefined) {
    const message = `must have at most ${maxAliases} aliases: current number is ${aliases.length}`;
    return [{ offset: offsetOf(tooMany), message }];
  }
  const lost = aliases.filter((alias) => alias.resolve(source) === undefined);
  if (lost.length > 0) {
    return lost.map((alias) => ({
      offset: offsetOf(alias),
      message: `must have aliases of earlier anchors only: current value is "*${alias.source}"`,
    }));
  }
  const size = aliases.length === 0 ? 0 : expandedSize(source, source.contents, new Map());
  if (size <= maxValues) return [];
  const current = Number.isFinite(size) ? `current number is ${size}` : "an alias contains itself";
  const message = `must have at most ${maxValues} values when its aliases are expanded: ${current}`;
  return aliases.slice(0, 1).map((alias) => ({ offset: offsetOf(alias), message }));
};

/** Keys must be plain text. `__proto__` is a field of no document, and means something else to JavaScript. */
export const keyFaults = (source: YamlSource): OffsetFault[] => {
  const faults: OffsetFault[] = [];
  visit(source, {
    Map: (_key, map) => {
      for (const { key } of map.items) {
        if (!isScalar(key)) faults.push({ offset: offsetOf(map), message: "must have keys that are text" });
        else if (key.value === "__proto__") {
          faults.push({ offset: offsetOf(key), message: 'must have keys other than "__proto__"' });
        }
      }
    },
  });
  return faults;
};

/** The tags of YAML 1.2's core schema (YAML 1.2.2, section 10.3). */
const coreTags = ["str", "int", "float", "bool", "null", "map", "seq"].map((name) => `tag:yaml.org,2002:${name}`);

export const tagFaults = (source: YamlSource): OffsetFault[] => {
  const faults: OffsetFault[] = [];
  visit(source, {
    Node: (_key, node) => {
      if (isAlias(node) || node.tag === undefined || coreTags.includes(node.tag)) return;
      faults.push({ offset: offsetOf(node), message: `must have no tags: current tag is "${node.tag}"` });
    },
  });
  return faults;
};
