/** One atom, group border or quantifier of a regular expression in JavaScript's Unicode mode. */
const token =
  /\\(?:[upP]\{[^}]*\}|k<[^>]*>|u[\da-fA-F]{4}|x[\da-fA-F]{2}|.)|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|<[^>]*>))?|[)|]|[*+?]\??|\{\d+(?:,\d*)?\}\??|./gsu;

/** A group, or the whole pattern, as far as it was read. */
interface Group {
  /** The first atom of each alternative; "." where it may be missing or is a group itself. */
  firsts: string[];
  /** Atoms in it that may be missing or repeat: "." stands for a group. */
  varying: string[];
  last: Atom | undefined;
}

interface Atom {
  readonly source: string;
  /** The group that the atom is. */
  readonly group?: Group;
  readonly isFirst: boolean;
}

const newGroup = (): Group => ({ firsts: [], varying: [], last: undefined });

const matches = (atom: string, character: string): boolean => new RegExp(`^(?:${atom})$`, "su").test(character);

/** A character that stands for itself, or an escaped sign. */
const literal = /^(?:\\[^\p{L}\p{N}]|[^\\.[\]^$])$/u;

/**
 * Whether a text can be cut into repeats of the group in one way only: each alternative begins with a character of its
 * own, and inside there is one choice at most, of an atom that may be missing or repeat and never takes that character.
 */
const repeatsInOneWay = ({ firsts, varying }: Group): boolean => {
  if (varying.length === 0 && firsts.length === 1) return true;
  const characters = firsts.map((first) => first.replace("\\", ""));
  return (
    varying.length <= 1 &&
    firsts.every((first) => literal.test(first)) &&
    new Set(characters).size === characters.length &&
    !varying.some((atom) => characters.some((character) => matches(atom, character)))
  );
};

const addAtom = (group: Group, source: string, inner?: Group): void => {
  const isFirst = group.last === undefined;
  group.last = { source, isFirst, ...(inner !== undefined && { group: inner }) };
  if (isFirst) group.firsts.push(inner === undefined ? source : ".");
};

/** The outer group with a group that ends. Its alternatives are a choice as well, in each repeat of what is around them. */
const closed = (group: Group, outer: Group): Group => {
  outer.varying.push(...group.varying, ...(group.firsts.length > 1 ? ["."] : []));
  addAtom(outer, ".", group);
  return outer;
};

/** Reads a quantifier; says whether what it repeats can be cut in one way only. */
const quantify = (group: Group, quantifier: string): boolean => {
  const { last } = group;
  if (last === undefined) return true;
  const mayMiss = /^(?:[*?]|\{0)/.test(quantifier);
  if (last.isFirst && mayMiss) group.firsts[group.firsts.length - 1] = ".";
  const isAtom = last.group === undefined;
  // A fixed number of one atom leaves no choice.
  if (!isAtom || !/^\{\d+\}/.test(quantifier)) group.varying.push(isAtom ? last.source : ".");
  return last.group === undefined || quantifier.startsWith("?") || repeatsInOneWay(last.group);
};

/**
 * Whether a regular expression is free of what makes it try a text in exponentially many ways, such as `(a+)+`: a
 * repeated group whose text can be cut into repeats in several ways. Callers choose the text, so one would do.
 */
export const isBoundedPattern = (source: string): boolean => {
  const open: Group[] = [];
  let group = newGroup();
  for (const [part] of source.matchAll(token)) {
    if (part.startsWith("(")) {
      open.push(group);
      group = newGroup();
    } else if (part === ")") {
      group = closed(group, open.pop() ?? newGroup());
    } else if (part === "|") group.last = undefined;
    else if (/^(?:[*+?]|\{\d)/.test(part)) {
      if (!quantify(group, part)) return false;
    } else addAtom(group, part);
  }
  return true;
};

/** Whether a text is a regular expression at all. */
export const isPattern = (text: string): boolean => {
  try {
    return new RegExp(text, "u").source.length > 0;
  } catch {
    return false;
  }
};
