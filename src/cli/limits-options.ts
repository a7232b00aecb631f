import type { Tenant } from "#domain/tenant/tenant.ts";
import { optionFault } from "./option-fault.ts";

/** The limits that `sluice limits` changes; one that is not given stays as it is. */
export type LimitsOptions = Partial<Tenant["limits"]>;

const fields = { "max-active": "maxActive", "max-waiting": "maxWaiting", weight: "weight" } as const;

/** The options of `sluice limits`: whole numbers here, and what the tenant's schema allows where they are applied. */
export const readLimitsOptions = (values: Readonly<Record<string, unknown>>, faults: string[]): LimitsOptions => {
  const limits: LimitsOptions = {};
  for (const [option, field] of Object.entries(fields)) {
    const value = values[option];
    if (value === undefined) continue;
    if (/^\d{1,9}$/.test(String(value))) limits[field] = Number(value);
    else faults.push(optionFault(option, "a whole number", value));
  }
  return limits;
};
