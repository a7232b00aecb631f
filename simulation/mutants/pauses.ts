import { type Mutant, starts } from "./mutant.ts";

/** A pause is written down, and nobody looks. */
const pauseIgnored = starts(() => ({ suspend: async () => undefined }));

/** A tenant's pause holds up the doors, and not the dispatcher. */
const turnsGoOn = starts((own) => ({
  takeTurn: async (tenantId, slot, maxActive) => {
    const { suspended } = await own.line(tenantId);
    if (suspended === undefined) return await own.takeTurn(tenantId, slot, maxActive);
    await own.suspend(tenantId, undefined);
    const turn = await own.takeTurn(tenantId, slot, maxActive);
    await own.suspend(tenantId, suspended);
    return turn;
  },
}));

export const pauseMutants: readonly Mutant[] = [
  { name: "does not pause", seed: 1, ports: pauseIgnored },
  { name: "gives turns to a tenant that was paused since the line was read", seed: 37, ports: turnsGoOn },
];
