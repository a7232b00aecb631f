import { type Mutant, starts } from "./mutant.ts";

const byArrival = starts((own, { ledger }) => ({
  waitingTenants: async () => {
    const waiting = ledger.all().filter(({ state }) => state === "waiting");
    const [first] = waiting.sort((one, other) => (one.acceptedAt < other.acceptedAt ? -1 : 1));
    const tenants = await own.waitingTenants();
    return first !== undefined && tenants.includes(first.tenantId) ? [first.tenantId] : tenants;
  },
}));

export const fairnessMutants: readonly Mutant[] = [
  { name: "gives turns in the order of arrival", seed: 6, ports: byArrival },
];
