import { expect, test } from "vitest";
import { listPrices } from "#domain/cost/list-prices.ts";
import type { Prices } from "#domain/cost/prices.ts";
import { readPrices } from "../../src/functions/price-config.ts";

const read = (environment: Readonly<Record<string, string | undefined>>): { prices: Prices; faults: string[] } => {
  const faults: string[] = [];
  const prices = readPrices(environment, faults);
  return { prices, faults };
};

const price = {
  vCPUHour: "0.05",
  memoryGBHour: "0.005",
  storageGBHour: "0.0001",
  currency: "USD",
  asOf: "2026-11-01",
};
const table = (own: object) => JSON.stringify({ "eu-central-1": { ARM64: { ...price, ...own } } });

test("readPrices() goes by the list prices, and by X86_64, where nothing is set", () => {
  for (const absent of [undefined, "", " "]) {
    const found = read({ SLUICE_PRICES: absent, SLUICE_ARCHITECTURES: absent });
    expect(found).toEqual({ prices: listPrices, faults: [] });
  }
});

test("readPrices() puts a deployment's own prices over the list prices", () => {
  const { prices, faults } = read({ SLUICE_PRICES: table({}) });
  expect(faults).toEqual([]);
  expect(prices.table["eu-central-1"]).toEqual({ ...listPrices.table["eu-central-1"], ARM64: price });
  expect(prices.table["us-east-1"]).toEqual(listPrices.table["us-east-1"]);
});

test("readPrices() takes architectures by application, and knows no other where there is no *", () => {
  const { prices, faults } = read({ SLUICE_ARCHITECTURES: "00f1abc=ARM64, 00f2=X86_64" });
  expect(faults).toEqual([]);
  expect(prices.architectures).toEqual({ "00f1abc": "ARM64", "00f2": "X86_64" });
});

test.each([
  ["no JSON", "SLUICE_PRICES must be of type record: current value is"],
  ["[]", "SLUICE_PRICES must be of type record: current value is []"],
  [
    table({ vCPUHour: 0.05 }),
    "SLUICE_PRICES/eu-central-1/ARM64/vCPUHour must be of type string: current value is 0.05",
  ],
  [table({ vCPUHour: "5 cents" }), 'a decimal text such as "0.052624": current value is "5 cents"'],
  [table({ currency: "$" }), 'an ISO 4217 code such as "USD": current value is "$"'],
  [table({ asOf: "yesterday" }), "SLUICE_PRICES/eu-central-1/ARM64/asOf must be"],
  [table({ gpuHour: "1" }), "SLUICE_PRICES/eu-central-1/ARM64/gpuHour is not a known field"],
  [JSON.stringify({ Frankfurt: {} }), 'a Region such as "eu-central-1": current value is "Frankfurt"'],
  [JSON.stringify({ "eu-central-1": { POWER: price } }), "SLUICE_PRICES/eu-central-1/POWER"],
])("readPrices() refuses the prices %s", (text, fault) => {
  expect(read({ SLUICE_PRICES: text }).faults.join("\n")).toContain(fault);
});

test.each(["ARM64", "00f1=arm64", "00F1=ARM64", "00f1=", "00f1=ARM64;*=X86_64", "*=x86"])(
  "readPrices() refuses the architecture %s",
  (text) => {
    expect(read({ SLUICE_ARCHITECTURES: text }).faults).toEqual([
      `SLUICE_ARCHITECTURES must list application ids, or *, with X86_64 or ARM64, like "00f1abc=ARM64,*=X86_64": current value is "${text}"`,
    ]);
  },
);

test("readPrices() tells all faults at once", () => {
  const { faults } = read({ SLUICE_PRICES: "[]", SLUICE_ARCHITECTURES: "00f1=ARM64,00f1=X86_64,no" });
  expect(faults).toEqual([
    "SLUICE_PRICES must be of type record: current value is []",
    'SLUICE_ARCHITECTURES must give each application once: current value is "00f1=X86_64"',
    expect.stringContaining('current value is "no"'),
  ]);
});
