import type { Services, Tenants } from "#domain/ports.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { type Change, type Mutant, starts, submissions } from "./mutant.ts";

const byArrival = starts((own, { ledger }) => ({
  waitingTenants: async () => {
    const waiting = ledger.all().filter(({ state }) => state === "waiting");
    const [first] = waiting.sort((one, other) => (one.acceptedAt < other.acceptedAt ? -1 : 1));
    const tenants = await own.waitingTenants();
    return first !== undefined && tenants.includes(first.tenantId) ? [first.tenantId] : tenants;
  },
}));

/** The tenant whose name is first goes first, as long as it wants anything. */
const byName = starts((own) => ({ waitingTenants: async () => [...(await own.waitingTenants())].sort().slice(0, 1) }));

/** The line of a tenant in another order. */
const inOrder = (before: (one: string, other: string) => boolean): Change =>
  submissions((_, { ledger }) => ({
    waiting: async (tenantId, limit) =>
      ledger
        .all()
        .filter(({ state, tenantId: owner }) => state === "waiting" && owner === tenantId)
        .sort((one, other) => (before(one.acceptedAt, other.acceptedAt) ? -1 : 1))
        .slice(0, limit),
  }));

/** The dispatcher goes by other weights than the tenants' own. */
const weighed =
  (change: (weight: number) => number) =>
  (services: Services): Services => {
    const changed = (setup: TenantSetup | undefined): TenantSetup | undefined => {
      if (setup === undefined) return undefined;
      const { tenant } = setup;
      const limits = { ...tenant.limits, weight: change(tenant.limits.weight) };
      return { ...setup, tenant: { ...tenant, limits } };
    };
    const tenants: Tenants = {
      byId: async (tenantId) => changed(await services.tenants.byId(tenantId)),
      provedBy: async (proof, fits) => await services.tenants.provedBy(proof, fits),
    };
    return { ...services, tenants };
  };

/** It looks at the line once, and goes by what it saw for as long as it leads. */
const looksOnce: Change = (ports, world) => {
  const seen = new Map<unknown, readonly string[]>();
  return {
    ...ports,
    starts: {
      ...ports.starts,
      waitingTenants: async () => {
        const first = seen.get(world.acting) ?? (await ports.starts.waitingTenants());
        seen.set(world.acting, first);
        return first;
      },
    },
  };
};

export const fairnessMutants: readonly Mutant[] = [
  { name: "gives turns in the order of arrival", seed: 1, ports: byArrival },
  { name: "gives turns in the order of names", seed: 6, ports: byName },
  { name: "looks at the line once and never again", seed: 6, ports: looksOnce },
  { name: "goes by the same weight for all", seed: 6, services: weighed(() => 1) },
  { name: "goes by the inverse of a weight", seed: 6, services: weighed((weight) => 1 / weight) },
  { name: "goes by age alone within a tenant", seed: 6, ports: inOrder((one, other) => one < other) },
  { name: "gives the newest of a tenant its turn first", seed: 6, ports: inOrder((one, other) => one > other) },
];
