import { describe, expect, test } from "vitest";
import { type Costing, costOf, isPreliminary } from "#domain/cost/cost-of.ts";
import { listPrices } from "#domain/cost/list-prices.ts";
import { type Prices, priceTableSchema } from "#domain/cost/prices.ts";
import type { JobRun } from "#domain/submission/job-run.ts";
import { sampleJobRun } from "#test/helpers/submission.ts";

/** The hours that a larger job run is billed. */
const hours = { vCPUHour: 59.422, memoryGBHour: 237.689, storageGBHour: 1901.511 };

const costed = (jobRun: Partial<JobRun>, prices: Partial<Prices> = {}): Costing =>
  costOf(sampleJobRun(jobRun), { ...listPrices, ...prices });

const inRegion = (region: string) => `arn:aws:emr-serverless:${region}:123456789012:/applications/00f1/jobruns/00run1`;

describe("costOf()", () => {
  test("multiplies the billed hours with the prices of Region and architecture, and says what it is made of", () => {
    // 59.422 · 0.052624 + 237.689 · 0.0057785 + 1901.511 · 0.000111
    expect(costed({ billedResourceUtilization: hours })).toEqual({
      cost: {
        amount: "4.711577",
        currency: "USD",
        basis: "billedResourceUtilization",
        region: "us-east-1",
        architecture: "X86_64",
        pricesAsOf: "2026-11-22",
        estimate: true,
      },
    });
  });

  test("takes an application's own architecture before that of all others", () => {
    const architectures = { "*": "X86_64", "00f1": "ARM64" } as const;
    const jobRun = { billedResourceUtilization: hours, arn: inRegion("ap-northeast-1") };
    expect(costed(jobRun, { architectures })).toMatchObject({
      cost: { architecture: "ARM64", pricesAsOf: "2026-10-10" },
    });
    expect(costed({ ...jobRun, applicationId: "00f2" }, { architectures })).toMatchObject({
      cost: { architecture: "X86_64" },
    });
  });

  test("stands in with the total hours where the billed are absent, without the storage that may be free", () => {
    const computing = { vCPUHour: hours.vCPUHour, memoryGBHour: hours.memoryGBHour };
    const standIn = costed({ totalResourceUtilization: hours });
    expect(standIn).toMatchObject({ cost: { basis: "totalResourceUtilization", amount: "4.500509" } });
    expect(costed({ billedResourceUtilization: computing })).toMatchObject({ cost: { amount: "4.500509" } });
  });

  test("costs 0 where 0 hours are billed", () => {
    const none = { vCPUHour: 0, memoryGBHour: 0, storageGBHour: 0 };
    expect(costed({ billedResourceUtilization: none })).toMatchObject({ cost: { amount: "0.000000" } });
  });

  test.each<[string, Partial<JobRun>, Partial<Prices>, string]>([
    ["the hours", {}, {}, "UTILIZATION_MISSING"],
    ["the vCPU hours", { billedResourceUtilization: { memoryGBHour: 1 } }, {}, "UTILIZATION_MISSING"],
    ["sensible hours", { billedResourceUtilization: { ...hours, vCPUHour: Number.NaN } }, {}, "UTILIZATION_MISSING"],
    ["the Region's price", { billedResourceUtilization: hours, arn: inRegion("mars-north-1") }, {}, "PRICE_MISSING"],
    [
      "the architecture's price",
      { billedResourceUtilization: hours },
      { architectures: { "*": "ARM64" } },
      "PRICE_MISSING",
    ],
    [
      "the architecture",
      { billedResourceUtilization: hours },
      { architectures: { "00f2": "ARM64" } },
      "ARCHITECTURE_UNKNOWN",
    ],
    [
      "it, for an id like a method's name",
      { applicationId: "constructor" },
      { architectures: {} },
      "ARCHITECTURE_UNKNOWN",
    ],
  ])("tells no cost and the reason without %s", (_what, jobRun, prices, code) => {
    const costing = costed(jobRun, prices);
    expect(costing).toEqual({ costMissing: { code, message: expect.stringMatching(/\S/) } });
  });

  test("may become better as long as the billed hours are absent", () => {
    expect(isPreliminary(sampleJobRun())).toBe(true);
    expect(isPreliminary(sampleJobRun({ totalResourceUtilization: hours }))).toBe(true);
    expect(isPreliminary(sampleJobRun({ billedResourceUtilization: { vCPUHour: 1 } }))).toBe(true);
    expect(isPreliminary(sampleJobRun({ billedResourceUtilization: { vCPUHour: 1, memoryGBHour: 1 } }))).toBe(false);
  });
});

test("listPrices is a price table as a deployment would give it", () => {
  expect(priceTableSchema().parse(listPrices.table)).toEqual(listPrices.table);
});
