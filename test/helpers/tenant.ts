import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { sampleSetup } from "./setup.ts";

/** A tenant that nothing proves but what the test says. */
export const tenantSetup = (tenant: { readonly tenantId: string } & Record<string, unknown>): TenantSetup =>
  sampleSetup({ tenant, jobTemplates: [] });
