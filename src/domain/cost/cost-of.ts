import type { JobRun } from "#domain/submission/job-run.ts";
import { type Millionths, millionthsOf, sumOfProducts, textOf } from "./decimal.ts";
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

const missing = (code: CostMissing["code"], message: string): { readonly costMissing: CostMissing } => ({
  costMissing: { code, message },
});

/** The hours of a job run, and which of EMR Serverless's they are: see `Cost.basis`. */
export interface Hours {
  readonly basis: Cost["basis"];
  readonly vCPUHour: number;
  readonly memoryGBHour: number;
  readonly storageGBHour: number;
}

const isAmount = (value: number | undefined): value is number =>
  value !== undefined && millionthsOf(value) !== undefined;

/** The hours that a job run's cost is made of; nothing where EMR Serverless has told none. */
export const hoursOf = ({ billedResourceUtilization, totalResourceUtilization }: JobRun): Hours | undefined => {
  const { vCPUHour, memoryGBHour, storageGBHour = 0 } = billedResourceUtilization ?? {};
  if (isAmount(vCPUHour) && isAmount(memoryGBHour) && isAmount(storageGBHour)) {
    return { basis: "billedResourceUtilization", vCPUHour, memoryGBHour, storageGBHour };
  }
  const total = totalResourceUtilization ?? {};
  if (!isAmount(total.vCPUHour) || !isAmount(total.memoryGBHour)) return undefined;
  const { vCPUHour: vCPU, memoryGBHour: memory } = total;
  return { basis: "totalResourceUtilization", vCPUHour: vCPU, memoryGBHour: memory, storageGBHour: 0 };
};

/** What hours cost at a price; nothing where one of them is no amount. */
export const amountOf = (hours: Omit<Hours, "basis">, price: Price): Millionths | undefined =>
  sumOfProducts([
    [hours.vCPUHour, price.vCPUHour],
    [hours.memoryGBHour, price.memoryGBHour],
    [hours.storageGBHour, price.storageGBHour],
  ]);

/** What prices depend on. */
interface PricedPlace {
  readonly applicationId: string;
  readonly region: string;
}

/** The price of an hour where an application runs, with what a cost says of it; or why there is none. */
export const priceAt = ({ applicationId, region }: PricedPlace, { table, architectures }: Prices) => {
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
  const { currency, asOf: pricesAsOf } = price;
  return { price, costed: { currency, region, architecture, pricesAsOf, estimate: true } } as const;
};

/**
 * `vCPUHour · price + memoryGBHour · price + storageGBHour · price` of a job run, or why that cannot be said. The Region
 * is that of its ARN. Pure: the same job run and prices give the same text.
 */
export const costOf = (jobRun: JobRun, prices: Prices): Costing => {
  const { applicationId, arn } = jobRun;
  const found = priceAt({ applicationId, region: arn.split(":")[3] ?? "" }, prices);
  if ("costMissing" in found) return found;
  const hours = hoursOf(jobRun);
  const amount = hours === undefined ? undefined : amountOf(hours, found.price);
  if (hours === undefined || amount === undefined) {
    return missing("UTILIZATION_MISSING", "EMR Serverless has not told the job run's hours");
  }
  return { cost: { amount: textOf(amount), basis: hours.basis, ...found.costed } };
};

/** Whether EMR Serverless may yet tell the hours that it bills, so that a later look gives a better cost. */
export const isPreliminary = (jobRun: JobRun): boolean => hoursOf(jobRun)?.basis !== "billedResourceUtilization";
