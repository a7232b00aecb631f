import { asWildcards, beginning, textsMeet } from "./texts-meet.ts";

/** A pattern of a tenant's territory, or of what tenants share. */
export interface Place {
  /** The tenant's number; absent where several tenants share it. */
  readonly tenant?: number;
  /** Then two of them. */
  readonly sharers?: readonly number[];
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

/** What was found: the first meets, and the places of all of them. */
export interface Meets {
  readonly meets: readonly Meet[];
  readonly places: ReadonlySet<Place>;
  /** Whether every pair was compared. */
  readonly complete: boolean;
}

const sortedOf = (places: readonly Place[], caseless: boolean): Sorted[] =>
  places
    .map((place): Sorted => {
      const written = asWildcards(place.text);
      const pattern = caseless ? written.toLowerCase() : written;
      return { place, pattern, begin: beginning(pattern) };
    })
    .sort(byBeginning);

/**
 * The places that meet and must not: a territory with another tenant's, or with what is shared. Two patterns can meet
 * only where one's fixed beginning begins the other's; in the order of their beginnings these stand one inside the
 * other, so that each is compared with few. At most so many meets are told, and so many pairs compared. `caseless`: upper and
 * lower case are the same.
 */
export const meetsIn = (
  places: readonly Place[],
  most: { readonly meets: number; readonly comparisons: number },
  { caseless = false }: { readonly caseless?: boolean } = {},
): Meets => {
  const meets: Meet[] = [];
  const met = new Set<Place>();
  /** Nothing more is to be learnt of two that meet others, once enough is told. */
  const isKnown = (one: Place, other: Place) => meets.length >= most.meets && met.has(one) && met.has(other);
  let comparisons = 0;
  for (const [here, around] of nested(sortedOf(places, caseless))) {
    const others = around.filter((outer) => mayNotMeet(outer, here));
    comparisons += others.length;
    if (comparisons > most.comparisons) return { meets, places: met, complete: false };
    for (const { place, pattern } of others) {
      if (isKnown(place, here.place) || !textsMeet(pattern, here.pattern)) continue;
      met.add(place).add(here.place);
      if (meets.length < most.meets) meets.push({ one: place, other: here.place });
    }
  }
  return { meets, places: met, complete: true };
};
