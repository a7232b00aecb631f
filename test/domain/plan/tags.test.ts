import { describe, expect, test } from "vitest";
import { mergeTags, sluiceTags } from "#domain/plan/tags.ts";
import { adHocRequest, planOf, refusalOf, sampleSetup } from "#test/helpers/setup.ts";

const sluice = sluiceTags("acme", "req.abc", "http");
const many = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag${index}`, "x"]));

describe("mergeTags()", () => {
  test("sets Sluice's tags over the tenant's, and the tenant's over the caller's, and says so", () => {
    const caller = { "sluice:tenant": "acme2", team: "mine", cost: "1", own: "x" };
    const tenant = { "sluice:door": "none", team: "sales", cost: "1" };
    expect(mergeTags({ caller, tenant, sluice })).toStrictEqual({
      tags: {
        "sluice:tenant": "acme",
        team: "sales",
        cost: "1",
        own: "x",
        "sluice:door": "http",
        "sluice:submission": "req.abc",
      },
      changes: [
        { field: "tags/sluice:tenant", rule: "Sluice sets this tag" },
        { field: "tags/team", rule: "the tenant sets this tag" },
      ],
      faults: [],
    });
  });

  test("takes 50 tags, and refuses 51, Sluice's own three counted", () => {
    expect(mergeTags({ caller: many(47), tenant: {}, sluice }).faults).toStrictEqual([]);
    expect(mergeTags({ caller: many(48), tenant: many(48), sluice }).faults).toStrictEqual([
      {
        pointer: "/tags",
        message: "must be at most 50 tags, the tenant's and Sluice's included: current value is 51",
        current: "51",
        wanted: "at most 50 tags, the tenant's and Sluice's included",
      },
    ]);
  });
});

describe("planSubmission() and tags", () => {
  test("a caller cannot pose as another tenant by a tag", () => {
    const plan = planOf(adHocRequest({ tags: { "sluice:tenant": "acme2" } }));
    expect(plan).toMatchObject({
      verdict: "planned",
      input: { tags: { "sluice:tenant": "acme" } },
      changes: [{ field: "tags/sluice:tenant", rule: "Sluice sets this tag" }],
    });
  });

  test("the tenant's tags are on every job run", () => {
    const plan = planOf(adHocRequest(), sampleSetup({ tenant: { tags: { "cost center": "42" } } }));
    expect(plan).toMatchObject({ verdict: "planned", input: { tags: { "cost center": "42" } } });
  });

  test("too many tags are the caller's fault, not the tenant's rule", () => {
    expect(refusalOf(adHocRequest({ tags: many(48) })).code).toBe("ERR_JOB_REQUEST_INVALID");
  });
});
