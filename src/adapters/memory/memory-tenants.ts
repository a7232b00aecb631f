import type { Tenants } from "#domain/ports.ts";
import { proofsOf, type TenantSetup } from "#domain/tenant/tenant-setup.ts";

export interface MemoryTenants extends Tenants {
  /** Forgets all tenants and takes these instead. */
  replace(setups: readonly TenantSetup[]): void;
}

/** Tenants in memory. */
export const memoryTenants = (setups: readonly TenantSetup[]): MemoryTenants => {
  let current = setups;
  return {
    replace(next) {
      current = next;
    },
    byId: async (tenantId) => current.find(({ tenant }) => tenant.tenantId === tenantId),
    provedBy: async (proof, fits = () => true) =>
      current.filter((setup) => proofsOf(setup.tenant).includes(proof) && fits(setup)),
  };
};
