import { asWildcards, beginning, textsMeet } from "./texts-meet.ts";

/** A pattern of a tenant's territory, or of what tenants share. */
export interface Place {
  /** The tenant's number; absent where several tenants share it. */
  readonly tenant?: number;
  readonly kind: "territory" | "shared";
  readonly text: string;
}

export interface Meet {
  readonly one: Place;
  readonly other: Place;
}

interface Sorted {
  readonly place: Place;
  readonly pattern: string;
  readonly begin: string;
}

const mayNotMeet = ({ place: one }: Sorted, { place: other }: Sorted): boolean =>
  (one.kind === "territory" || other.kind === "territory") &&
  (one.tenant === undefined || other.tenant === undefined || one.tenant !== other.tenant);

const byBeginning = (one: Sorted, other: Sorted): number =>
  one.begin < other.begin ? -1 : Number(one.begin > other.begin);

/** Each place with those around it: whose beginnings begin its own. */
function* nested(sorted: readonly Sorted[]): Generator<readonly [here: Sorted, around: readonly Sorted[]]> {
  const around: Sorted[] = [];
  for (const here of sorted) {
    for (let last = around.at(-1); last !== undefined && !here.begin.startsWith(last.begin); last = around.at(-1)) {
      around.pop();
    }
    yield [here, around];
    around.push(here);
  }
}

/**
 * The places that meet and must not: a territory with another tenant's, or with what is shared. Two patterns can meet
 * only where one's fixed beginning begins the other's; in the order of their beginnings these stand one inside the
 * other, so that each is compared with few. At most so many meets are told, and so many pairs compared; `complete` says
 * whether that was all.
 */
export const meetsIn = (
  places: readonly Place[],
  most: { readonly meets: number; readonly comparisons: number },
): { readonly meets: readonly Meet[]; readonly complete: boolean } => {
  const sorted = places
    .map((place): Sorted => {
      const pattern = asWildcards(place.text);
      return { place, pattern, begin: beginning(pattern) };
    })
    .sort(byBeginning);
  const meets: Meet[] = [];
  let comparisons = 0;
  for (const [here, around] of nested(sorted)) {
    const others = around.filter((outer) => mayNotMeet(outer, here));
    comparisons += others.length;
    if (comparisons > most.comparisons || meets.length >= most.meets) return { meets, complete: false };
    const met = others.filter((outer) => textsMeet(outer.pattern, here.pattern));
    meets.push(...met.slice(0, most.meets).map((outer) => ({ one: outer.place, other: here.place })));
  }
  return { meets, complete: true };
};
