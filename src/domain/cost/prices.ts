import * as z from "zod/mini";
import { lazily } from "#domain/lazily.ts";

/** The CPU architectures of EMR Serverless applications (Amazon EMR Serverless API Reference, "Application"). */
export const architectures = ["X86_64", "ARM64"] as const;
export type Architecture = (typeof architectures)[number];

const text = (pattern: RegExp, message: string) =>
  z.string().check(z.refine((value) => pattern.test(value), { message }));

const price = lazily(() => text(/^\d{1,9}(\.\d{1,12})?$/, 'a decimal text such as "0.052624"'));

const priceSchema = lazily(() =>
  z.strictObject({
    /** For an hour of one vCPU, of one GB of memory, of one GB of storage above the 20 GB that each worker has. */
    vCPUHour: price(),
    memoryGBHour: price(),
    storageGBHour: price(),
    currency: text(/^[A-Z]{3}$/, 'an ISO 4217 code such as "USD"'),
    asOf: z.iso.date().check(z.describe("The day for which the source gives the price.")),
  }),
);

/** Prices by Region and architecture. A Region without a price costs "unknown", never nothing. */
export const priceTableSchema = lazily(() =>
  z.record(
    text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a Region such as "eu-central-1"'),
    z.partialRecord(z.enum(architectures), priceSchema()),
  ),
);

export type Price = z.infer<ReturnType<typeof priceSchema>>;
export type PriceTable = Readonly<Record<string, Readonly<Partial<Record<Architecture, Price>>>>>;

/** What costs are estimated from. */
export interface Prices {
  readonly table: PriceTable;
  /**
   * The architecture of each application by its id; `*` stands for all others. GetJobRun does not tell it: it is the
   * application's (Amazon EMR Serverless API Reference, "JobRun" and "Application").
   */
  readonly architectures: Readonly<Record<string, Architecture>>;
}

/** A table with some of its prices replaced. */
export const withPrices = (table: PriceTable, own: PriceTable): PriceTable => {
  const merged: Record<string, PriceTable[string]> = { ...table };
  for (const [region, prices] of Object.entries(own)) merged[region] = { ...merged[region], ...prices };
  return merged;
};
