import { type Mutant, starts } from "./mutant.ts";

/** Slots as a number: freeing one that is not taken frees another. */
const slotFreedTwice = starts((own) => ({
  leave: async (tenantId, submissionIds) => {
    const { active } = await own.line(tenantId);
    const freed = submissionIds.map((id) => (active.includes(id) ? id : active[0])).filter((id) => id !== undefined);
    await own.leave(tenantId, freed);
  },
}));

const slotNeverFreed = starts((own, { ledger }) => ({
  leave: async (tenantId, submissionIds) => {
    const refused = new Set(
      ledger.all().flatMap(({ state, submissionId }) => (state === "refused" ? [submissionId] : [])),
    );
    const freed = submissionIds.filter((id) => !refused.has(id));
    await own.leave(tenantId, freed);
  },
}));

export const slotMutants: readonly Mutant[] = [
  { name: "frees a slot twice", seed: 3, ports: slotFreedTwice },
  { name: "never frees the slot of a refused one", seed: 2, ports: slotNeverFreed },
];
