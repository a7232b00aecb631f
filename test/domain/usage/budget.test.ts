import { describe, expect, test } from "vitest";
import { ServiceError } from "#domain/errors.ts";
import type { Budget } from "#domain/tenant/tenant.ts";
import { budgetSpent, budgetVerdict } from "#domain/usage/budget.ts";
import { budgetEvents } from "#domain/usage/budget-event.ts";
import { sumsOfEntries } from "#domain/usage/sum.ts";
import { noon, sampleTenant } from "#test/helpers/setup.ts";
import { sampleEntry } from "#test/helpers/usage.ts";

const budget: Budget = { monthly: "100.00", currency: "USD", softShare: 0.8 };

const spending = (...amounts: readonly string[]) =>
  sumsOfEntries(
    amounts.map((amount, at) => sampleEntry({ submissionId: `req.${at}`, cost: { amount, currency: "USD" } })),
  );

const judge = (...amounts: readonly string[]) => budgetVerdict(budget, "2026-11", spending(...amounts));

describe("budgetVerdict()", () => {
  test.each([
    [[], "within"],
    [["79.999999"], "within"],
    [["79.999999", "0.000001"], "warning"],
    [["99.999999"], "warning"],
    [["60", "40"], "exceeded"],
    [["250"], "exceeded"],
  ])("says of %s of 100 that it is %s", (amounts, verdict) => {
    expect(judge(...amounts).verdict).toBe(verdict);
  });

  test("says what it goes by", () => {
    expect(judge("79.5")).toEqual({
      verdict: "within",
      month: "2026-11",
      currency: "USD",
      monthly: "100.000000",
      warnsAt: "80.000000",
      spent: "79.500000",
      costMissing: 0,
    });
  });

  test("counts its own currency only, and tells of job runs whose cost is not known", () => {
    const { cost: _cost, ...unknown } = sampleEntry({ submissionId: "req.3" });
    const sums = sumsOfEntries([
      sampleEntry({ cost: { amount: "1.5", currency: "USD" } }),
      sampleEntry({ submissionId: "req.2", cost: { amount: "500", currency: "CNY" } }),
      unknown,
    ]);
    expect(budgetVerdict(budget, "2026-11", sums)).toMatchObject({
      verdict: "within",
      spent: "1.500000",
      costMissing: 1,
    });
  });

  test("is exceeded from the start where the budget is nothing", () => {
    expect(budgetVerdict({ ...budget, monthly: "0" }, "2026-11", []).verdict).toBe("exceeded");
  });
});

test("budgetSpent() is final for this request, and says how to go on", () => {
  const error = budgetSpent("acme", judge("100.25"));
  expect(error).toBeInstanceOf(ServiceError);
  expect(error).toMatchObject({
    code: "ERR_BUDGET_SPENT",
    kind: "denied",
    message:
      'Cannot submit the job request for tenant "acme": its budget of 100.000000 USD for 2026-11 is spent: current value is 100.250000 USD: raise the budget, or submit it again next month',
  });
});

describe("budgetEvents()", () => {
  const idsOf = (verdict: ReturnType<typeof judge>) =>
    budgetEvents("acme", verdict, noon).map(({ detail }) => detail.id);

  test("are a warning at the soft share, and one more when all is spent", () => {
    expect(budgetEvents("acme", judge("79"), noon)).toEqual([]);
    expect(idsOf(judge("80"))).toEqual(["acme/2026-11/warning/80.000000/USD"]);
    expect(idsOf(judge("100"))).toEqual(["acme/2026-11/warning/80.000000/USD", "acme/2026-11/exceeded/100.000000/USD"]);
  });

  test("are CloudEvents that say how the month stands", () => {
    expect(budgetEvents("acme", judge("85"), noon)).toEqual([
      {
        detailType: "Budget Warning",
        time: noon,
        resources: [],
        detail: expect.objectContaining({
          specversion: "1.0",
          source: "sluice",
          type: "sluice.budget.warning.v1",
          subject: "acme/2026-11/100.000000/USD",
          sequence: "00000001",
          time: noon,
          datacontenttype: "application/json",
          data: {
            tenantId: "acme",
            month: "2026-11",
            currency: "USD",
            monthly: "100.000000",
            warnsAt: "80.000000",
            spent: "85.000000",
            costMissing: 0,
            estimate: true,
          },
        }),
      },
    ]);
  });

  test("have other ids for another limit, and the same for another amount spent", () => {
    const raised = budgetVerdict({ ...budget, monthly: "200" }, "2026-11", spending("180"));
    expect(idsOf(raised)).not.toEqual(idsOf(judge("81")));
    expect(idsOf(judge("81"))).toEqual(idsOf(judge("99")));
  });
});

test("a tenant's file gives the budget in US dollars with a warning at four fifths, unless it says otherwise", () => {
  expect(sampleTenant({ budget: { monthly: "1000.00" } }).budget).toEqual({
    monthly: "1000.00",
    currency: "USD",
    softShare: 0.8,
  });
  for (const wrong of [
    { monthly: "-1" },
    { monthly: 1000 },
    { monthly: "1", softShare: 2 },
    { monthly: "1", currency: "$" },
  ]) {
    expect(() => sampleTenant({ budget: wrong })).toThrow();
  }
});
