import type { Price, Prices, PriceTable } from "./prices.ts";

type Figures = readonly [vCPUHour: string, memoryGBHour: string, storageGBHour: string];

const usd = (asOf: string, [vCPUHour, memoryGBHour, storageGBHour]: Figures): Price => ({
  vCPUHour,
  memoryGBHour,
  storageGBHour,
  currency: "USD",
  asOf,
});

/**
 * x86_64: the list of PerfKitBenchmarker, which it makes from https://aws.amazon.com/emr/pricing
 * (GoogleCloudPlatform/PerfKitBenchmarker, providers/aws/aws_dpb_emr_serverless_prices.py). It gives no date: it was read on
 * this one.
 */
const readOn = "2026-11-22";

/**
 * ARM64: AWS Price List, usage types APS1-EMR-SERVERLESS-ARM-* and APN1-EMR-SERVERLESS-ARM-*, as of these days. No other
 * Region's figures could be read, and they are not quite four fifths of x86_64's, so none is made up.
 */
const arm: Figures = ["0.052585", "0.005746", "0.000133"];
const singaporeOn = "2026-08-12";
const tokyoOn = "2026-10-10";

const x86: Readonly<Record<string, Figures>> = {
  "ap-northeast-1": ["0.065728", "0.007189", "0.000133"],
  "ap-northeast-2": ["0.060528", "0.006643", "0.000127"],
  "ap-south-1": ["0.055328", "0.0060515", "0.000127"],
  "ap-southeast-1": ["0.065728", "0.007189", "0.000133"],
  "ap-southeast-2": ["0.063128", "0.006916", "0.000133"],
  "ca-central-1": ["0.057928", "0.0063245", "0.000122"],
  "eu-central-1": ["0.060528", "0.006643", "0.000132"],
  "eu-north-1": ["0.05785", "0.00637", "0.000116"],
  "eu-west-1": ["0.052624", "0.0057785", "0.000122"],
  "eu-west-2": ["0.060528", "0.006643", "0.000129"],
  "eu-west-3": ["0.06318", "0.00689", "0.000129"],
  "sa-east-1": ["0.09048", "0.00988", "0.000211"],
  "us-east-1": ["0.052624", "0.0057785", "0.000111"],
  "us-east-2": ["0.052624", "0.0057785", "0.000111"],
  "us-west-1": ["0.060528", "0.006643", "0.000133"],
  "us-west-2": ["0.052624", "0.0057785", "0.000111"],
};

const x86Prices: PriceTable = Object.fromEntries(
  Object.entries(x86).map(([region, figures]) => [region, { X86_64: usd(readOn, figures) }]),
);

/**
 * What a deployment uses where it says nothing else: list prices, without discounts and taxes, and the architecture that
 * CreateApplication takes where it is not told (Amazon EMR Serverless API Reference, "CreateApplication").
 */
export const listPrices: Prices = {
  table: {
    ...x86Prices,
    "ap-southeast-1": { ...x86Prices["ap-southeast-1"], ARM64: usd(singaporeOn, arm) },
    "ap-northeast-1": { ...x86Prices["ap-northeast-1"], ARM64: usd(tokyoOn, arm) },
  },
  architectures: { "*": "X86_64" },
};
