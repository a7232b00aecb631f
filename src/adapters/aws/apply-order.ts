import { type OwnValues, ownValues } from "#domain/proof/own-values.ts";
import { proofsOf, type TenantSetup } from "#domain/tenant/tenant-setup.ts";
import type { Sighting } from "./see-tenants.ts";
import { pointersIn } from "./tenant-items.ts";

/** A tenant to be applied, and the ids of those that lose to it what only one may have. */
export interface Turn {
  readonly sighting: Sighting;
  readonly losers: readonly string[];
}

const isValue = (claim: string): boolean => claim.startsWith("value#");

/** What only one tenant may have: what it is proved by, and the values that are declared to be no other's. */
const claimsOf = (setup: TenantSetup, values: keyof OwnValues): readonly string[] => [
  ...proofsOf(setup.tenant),
  ...ownValues(setup)[values].map((value) => `value#${value}`),
];

/** All that the table has of a tenant, besides what can be read of it. */
const heldBy = ({ stored, known: { before } }: Sighting): readonly string[] => [
  ...pointersIn(stored),
  ...(before === undefined ? [] : claimsOf(before.setup, "all")),
];

/** For each thing that tenants have and will not have any more, all of them. */
const losingIn = (sightings: readonly Sighting[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const losing = new Map<string, Set<string>>();
  for (const sighting of sightings) {
    const kept = new Set(claimsOf(sighting.setup, "all"));
    for (const held of heldBy(sighting)) {
      if (kept.has(held)) continue;
      losing.set(held, (losing.get(held) ?? new Set()).add(sighting.setup.tenant.tenantId));
    }
  }
  return losing;
};

/**
 * Who loses something to another goes first. Where tenants swap proofs, one of them goes first all the same. Throws where
 * they swap values: the first one would have what another still has if that one cannot be changed.
 */
export const turnsOf = (sightings: readonly Sighting[]): Turn[] => {
  const losing = losingIn(sightings);
  const losersOf = (claims: readonly string[]): string[] => [
    ...new Set(claims.flatMap((claim) => [...(losing.get(claim) ?? [])])),
  ];
  const turns: Turn[] = [];
  let left = sightings.map((sighting) => {
    const claims = claimsOf(sighting.setup, "unique");
    return { sighting, losers: losersOf(claims), ofValues: losersOf(claims.filter(isValue)) };
  });
  while (left.length > 0) {
    const ids = new Set(left.map(({ sighting }) => sighting.setup.tenant.tenantId));
    const isSettled = (losers: readonly string[]): boolean => !losers.some((loser) => ids.has(loser));
    const ready = left.filter(({ losers }) => isSettled(losers));
    const next = ready.length > 0 ? ready : left.filter(({ ofValues }) => isSettled(ofValues)).slice(0, 1);
    if (next.length === 0) {
      throw new Error(
        `Cannot apply tenants ${[...ids].map((id) => `"${id}"`).join(", ")} at once: among them values change hands in a circle that only one tenant may have. Apply them with other values first`,
      );
    }
    turns.push(...next);
    left = left.filter((one) => !next.includes(one));
  }
  return turns;
};
