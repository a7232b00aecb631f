import { common } from "./character-set.ts";
import type { Marked } from "./marked.ts";

/** Whether the values of two placeholders, of two different tenants, are never the same. */
export type MustDiffer = (one: string, other: string) => boolean;

/** A text that two tenants' patterns share, with the values of the marked placeholders that make it. */
export interface Meeting {
  readonly text: string;
  readonly values: readonly [Values, Values];
}

type Values = Readonly<Record<string, string>>;

/**
 * What is known of the values that begin at one place in both patterns: `first` or `second` has just begun one and no
 * character was read since; `together` both began there; then `first` or `second` has just ended it.
 */
type Together = "no" | "first-began" | "second-began" | "together" | "first-ended" | "second-ended";

interface Node {
  readonly one: number;
  readonly other: number;
  readonly together: Together;
  readonly from: Node | undefined;
  readonly character: string;
}

/** What follows from a mark of the first pattern; `undefined` where both values are the same text, which cannot be. */
const afterMark = (
  mark: Extract<Marked, { name: string }>,
  before: Together,
  open: string | undefined,
  mustDiffer: MustDiffer,
  [own, others]: readonly ["first" | "second", "first" | "second"],
): Together | undefined => {
  if (mark.kind === "begin") {
    const meets = before === `${others}-began` && open !== undefined && mustDiffer(mark.name, open);
    return meets ? "together" : `${own}-began`;
  }
  if (before === "together") return `${own}-ended`;
  return before === `${others}-ended` ? undefined : "no";
};

/** What the other pattern began here: it has read no character since, so only "any number of" may stand between. */
const lastBegun = (steps: readonly Marked[], place: number): string | undefined => {
  let at = place - 1;
  while (steps[at]?.kind === "any-number") at -= 1;
  const step = steps[at];
  return step?.kind === "begin" ? step.name : undefined;
};

const afterCharacter = (together: Together): Together => (together === "together" ? "together" : "no");

/** Moves that read no character: past a mark, or past "any number of". */
const silentMoves = (node: Node, one: readonly Marked[], other: readonly Marked[], mustDiffer: MustDiffer): Node[] => {
  const moves: Node[] = [];
  const first = one[node.one];
  const second = other[node.other];
  const add = (own: Partial<Node>, together: Together | undefined) => {
    if (together !== undefined) moves.push({ ...node, ...own, together, from: node, character: "" });
  };
  if (first?.kind === "any-number") add({ one: node.one + 1 }, node.together);
  if (second?.kind === "any-number") add({ other: node.other + 1 }, node.together);
  if (first?.kind === "begin" || first?.kind === "end") {
    const open = lastBegun(other, node.other);
    add({ one: node.one + 1 }, afterMark(first, node.together, open, mustDiffer, ["first", "second"]));
  }
  if (second?.kind === "begin" || second?.kind === "end") {
    const open = lastBegun(one, node.one);
    add({ other: node.other + 1 }, afterMark(second, node.together, open, mustDiffer, ["second", "first"]));
  }
  return moves;
};

const readingMove = (node: Node, one: readonly Marked[], other: readonly Marked[]): Node | undefined => {
  const first = one[node.one];
  const second = other[node.other];
  if (first === undefined || second === undefined || !("set" in first) || !("set" in second)) return undefined;
  const character = common(first.set, second.set);
  if (character === undefined) return undefined;
  return {
    one: first.kind === "one" ? node.one + 1 : node.one,
    other: second.kind === "one" ? node.other + 1 : node.other,
    together: afterCharacter(node.together),
    from: node,
    character,
  };
};

const valuesOf = (path: readonly Node[], steps: readonly Marked[], which: "one" | "other"): Values => {
  const values: Record<string, string> = {};
  let begun: { readonly name: string; text: string } | undefined;
  for (const [at, node] of path.entries()) {
    const before = path[at - 1];
    if (begun !== undefined) begun.text += node.character;
    const step = before !== undefined && before[which] < node[which] ? steps[before[which]] : undefined;
    if (step?.kind === "begin") begun = { name: step.name, text: "" };
    if (step?.kind === "end" && begun !== undefined) values[begun.name] ??= begun.text;
  }
  return values;
};

const meetingOf = (end: Node, one: readonly Marked[], other: readonly Marked[]): Meeting => {
  const path: Node[] = [];
  for (let node: Node | undefined = end; node !== undefined; node = node.from) path.push(node);
  path.reverse();
  const text = path.map(({ character }) => character).join("");
  return { text, values: [valuesOf(path, one, "one"), valuesOf(path, other, "other")] };
};

/**
 * A shortest text that patterns of two different tenants share. Where a value begins and ends at the same places in both,
 * and must differ between tenants, the two are one tenant's: such texts do not count. Nothing means that there is no
 * such text, for whatever values. A text means that there may be one: where a placeholder stands twice, its values here
 * need not agree, so a text is to be confirmed.
 */
export const meetingText = (
  one: readonly Marked[],
  other: readonly Marked[],
  mustDiffer: MustDiffer,
): Meeting | undefined => {
  const seen = new Set<string>();
  let row: Node[] = [{ one: 0, other: 0, together: "no", from: undefined, character: "" }];
  while (row.length > 0) {
    const next: Node[] = [];
    const open = [...row];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      const key = `${node.one} ${node.other} ${node.together}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (node.one === one.length && node.other === other.length) return meetingOf(node, one, other);
      open.push(...silentMoves(node, one, other, mustDiffer));
      const reading = readingMove(node, one, other);
      if (reading !== undefined) next.push(reading);
    }
    row = next;
  }
  return undefined;
};
