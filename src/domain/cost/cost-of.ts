import type { JobRun, Utilization } from "#domain/submission/job-run.ts";
import { sumOfProducts, textOf } from "./decimal.ts";
import type { Architecture, Price, Prices } from "./prices.ts";

/** What a job run cost by the price table. It is no bill: discounts, taxes and what is not the run's own are not in it. */
export interface Cost {
  /** Decimal text with six digits after the point, rounded once: sums of amounts are exact. */
  readonly amount: string;
  readonly currency: string;
  /**
   * The hours that it is made of. `billedResourceUtilization` has AWS's minimums in it. `totalResourceUtilization` stands
   * in where that is absent: vCPU and memory only, because it does not tell the storage that costs from the 20 GB a worker
   * that do not.
   */
  readonly basis: "billedResourceUtilization" | "totalResourceUtilization";
  readonly region: string;
  readonly architecture: Architecture;
  /** The day of the prices. */
  readonly pricesAsOf: string;
  readonly estimate: true;
}

/** Why there is no cost. UTILIZATION_MISSING may pass: EMR Serverless tells the hours some time after the end. */
export interface CostMissing {
  readonly code: "UTILIZATION_MISSING" | "ARCHITECTURE_UNKNOWN" | "PRICE_MISSING";
  readonly message: string;
}

export type Costing = { readonly cost: Cost } | { readonly costMissing: CostMissing };

const missing = (code: CostMissing["code"], message: string): Costing => ({ costMissing: { code, message } });

const billed = ({ vCPUHour, memoryGBHour, storageGBHour }: Utilization, price: Price): string | undefined => {
  if (vCPUHour === undefined || memoryGBHour === undefined) return undefined;
  const amount = sumOfProducts([
    [vCPUHour, price.vCPUHour],
    [memoryGBHour, price.memoryGBHour],
    [storageGBHour ?? 0, price.storageGBHour],
  ]);
  return amount === undefined ? undefined : textOf(amount);
};

/**
 * `vCPUHour · price + memoryGBHour · price + storageGBHour · price` of a job run, or why that cannot be said. The Region
 * is that of its ARN. Pure: the same job run and prices give the same text.
 */
export const costOf = (jobRun: JobRun, { table, architectures }: Prices): Costing => {
  const { applicationId, arn, billedResourceUtilization, totalResourceUtilization } = jobRun;
  const region = arn.split(":")[3] ?? "";
  const architecture = Object.hasOwn(architectures, applicationId) ? architectures[applicationId] : architectures["*"];
  if (architecture === undefined) {
    const message = `The architecture of application "${applicationId}" is not known: give it in SLUICE_ARCHITECTURES`;
    return missing("ARCHITECTURE_UNKNOWN", message);
  }
  const price = table[region]?.[architecture];
  if (price === undefined) {
    const message = `There is no price of ${architecture} in Region "${region}": give one in SLUICE_PRICES`;
    return missing("PRICE_MISSING", message);
  }
  const costed = { currency: price.currency, region, architecture, pricesAsOf: price.asOf, estimate: true } as const;
  const amount = billed(billedResourceUtilization ?? {}, price);
  if (amount !== undefined) return { cost: { amount, basis: "billedResourceUtilization", ...costed } };
  const { storageGBHour: _storage, ...computing } = totalResourceUtilization ?? {};
  const stand = billed(computing, price);
  if (stand !== undefined) return { cost: { amount: stand, basis: "totalResourceUtilization", ...costed } };
  return missing("UTILIZATION_MISSING", "EMR Serverless has not told the job run's hours");
};

/** Whether EMR Serverless may yet tell the hours that it bills, so that a later look gives a better cost. */
export const isPreliminary = ({ billedResourceUtilization: hours }: JobRun): boolean =>
  hours?.vCPUHour === undefined || hours.memoryGBHour === undefined;
