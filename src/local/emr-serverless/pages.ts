import { invalid } from "./service-error.ts";

export interface PageInput {
  readonly nextToken?: string;
  readonly maxResults?: number;
}

/** At most 50 a page (API reference, ListJobRuns); the default is not documented. */
const defaultPage = 50;

/**
 * One page of items in an order that `keyOf` gives. The token names the last item seen and not a position, so that
 * items made meanwhile move nothing.
 */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => readonly [group: number, order: number],
  { nextToken, maxResults = defaultPage }: PageInput,
): { items: T[]; nextToken?: string } {
  const after = nextToken === undefined ? undefined : readToken(nextToken);
  const sorted = [...items].sort((a, b) => compare(keyOf(a), keyOf(b)));
  const rest = after ? sorted.filter((item) => compare(keyOf(item), after) > 0) : sorted;
  const shown = rest.slice(0, maxResults);
  const last = shown.at(-1);
  if (rest.length <= maxResults || last === undefined) return { items: shown };
  return { items: shown, nextToken: Buffer.from(keyOf(last).join(":")).toString("base64url") };
}

function compare([groupA, orderA]: readonly [number, number], [groupB, orderB]: readonly [number, number]): number {
  return groupA - groupB || orderA - orderB;
}

function readToken(token: string): readonly [number, number] {
  const [, group, order] = /^(\d+):(-?\d+)$/.exec(Buffer.from(token, "base64url").toString()) ?? [];
  if (group === undefined) throw invalid("The nextToken is invalid");
  return [Number(group), Number(order)];
}
