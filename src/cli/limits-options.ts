import * as z from "zod/mini";
import { faultsOf } from "#domain/fault.ts";
import { type Tenant, tenantSchema } from "#domain/tenant/tenant.ts";
import { optionFault } from "./option-fault.ts";

/** The limits that `sluice limits` changes; one that is not given stays as it is. */
export type LimitsOptions = Partial<Tenant["limits"]>;

const fields = { "max-active": "maxActive", "max-waiting": "maxWaiting", weight: "weight" } as const;

/** What a tenant's file would have to say in place of this, where it may not say it. */
const wantedOf = (limits: LimitsOptions): string | undefined => {
  const parsed = z.safeParse(tenantSchema.shape.limits, limits);
  return parsed.success ? undefined : faultsOf(parsed.error, limits)[0]?.wanted;
};

/** The options of `sluice limits`, within what a tenant's file may say. */
export const readLimitsOptions = (values: Readonly<Record<string, unknown>>, faults: string[]): LimitsOptions => {
  const limits: LimitsOptions = {};
  for (const [option, field] of Object.entries(fields)) {
    const value = values[option];
    if (value === undefined) continue;
    const isWhole = /^\d{1,9}$/.test(String(value));
    const wanted = isWhole ? wantedOf({ [field]: Number(value) }) : "a whole number";
    if (wanted === undefined) limits[field] = Number(value);
    else faults.push(optionFault(option, wanted, value));
  }
  return limits;
};
