import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { afterTurn, nextTenant, noTurns, type TurnState, turnKeyOf, withoutAbsent } from "#domain/turns/fair-turns.ts";

/** The tenants of so many turns, all of them waiting all the time. */
const turnsOf = (weights: Readonly<Record<string, number>>, count: number, from: TurnState = noTurns): string[] => {
  let state = from;
  return Array.from({ length: count }, () => {
    const tenantId = nextTenant(state, Object.keys(weights)) ?? "";
    state = afterTurn(state, tenantId, weights[tenantId] ?? 1);
    return tenantId;
  });
};

const countOf = (turns: readonly string[], tenantId: string): number =>
  turns.filter((turn) => turn === tenantId).length;

describe("nextTenant()", () => {
  test("takes tenants of equal weight in turns", () => {
    expect(turnsOf({ acme: 1, globex: 1 }, 4)).toEqual(["acme", "globex", "acme", "globex"]);
  });

  test("gives a tenant of weight 3 three turns for each of another's", () => {
    expect(countOf(turnsOf({ acme: 3, globex: 1 }, 40), "acme")).toBe(30);
  });

  test("takes the newcomer next, however long the others have been served, and gives it no credit for that time", () => {
    let state = noTurns;
    for (let turn = 0; turn < 10_000; turn += 1) state = afterTurn(state, "acme", 1);
    expect(turnsOf({ acme: 1, globex: 1 }, 6, state)).toEqual(["globex", "acme", "globex", "acme", "globex", "acme"]);
  });

  test("knows nobody where nobody waits", () => {
    expect(nextTenant(noTurns, [])).toBeUndefined();
  });

  test("gives each tenant its share to within one turn, whatever the weights", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 300 }), (given, count) => {
        const tenants = Object.fromEntries(given.map((weight, index) => [`t${index}`, weight]));
        const total = given.reduce((sum, weight) => sum + weight, 0);
        const turns = turnsOf(tenants, count);
        for (const [tenantId, weight] of Object.entries(tenants)) {
          expect(countOf(turns, tenantId)).toBeGreaterThan((count * weight) / total - given.length - 1);
        }
      }),
    );
  });
});

describe("withoutAbsent()", () => {
  test("forgets who does not wait any more, but for a debt", () => {
    const state = { clock: 5, used: { acme: 7, globex: 5, initech: 4 } };
    expect(withoutAbsent(state, new Set(["initech"])).used).toEqual({ acme: 7, initech: 4 });
  });
});

describe("turnKeyOf()", () => {
  test("puts the higher priority first, then the earlier accepted, then the smaller id", () => {
    const keys = [
      turnKeyOf(5, "2026-11-22T12:00:01.000Z", "a"),
      turnKeyOf(9, "2026-11-22T12:00:02.000Z", "b"),
      turnKeyOf(5, "2026-11-22T12:00:00.000Z", "d"),
      turnKeyOf(5, "2026-11-22T12:00:00.000Z", "c"),
    ];
    expect([...keys].sort().map((key) => key.at(-1))).toEqual(["b", "c", "d", "a"]);
  });
});
