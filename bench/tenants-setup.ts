import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { tenantsLike } from "./turns-setup.ts";

/** The tables that are measured, with the number of tenants in each. */
export const tenantCounts = { few: 10, many: 10_000 } as const;

export const tenantIdAt = (at: number): string => `tenant-${String(at).padStart(5, "0")}`;

/** So many tenants like initech of the example setup, each proved by its queue. */
export const tenantsOf = async (count: number): Promise<readonly TenantSetup[]> =>
  await tenantsLike(
    Object.fromEntries(Array.from({ length: count }, (_, at) => [tenantIdAt(at), { maxActive: 1000 }])),
  );
