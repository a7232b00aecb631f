import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isForward } from "#domain/submission/job-run.ts";
import { sampleJobRun } from "#test/helpers/submission.ts";

const states = ["SUBMITTED", "QUEUED", "PENDING", "SCHEDULED", "RUNNING", "CANCELLING"];
const at = (state: string, attempt?: number) => sampleJobRun({ state, ...(attempt !== undefined && { attempt }) });

describe("isForward()", () => {
  test("takes the first news, and the states of an attempt in their order only", () => {
    for (const [index, state] of states.entries()) {
      expect(isForward(undefined, at(state))).toBe(true);
      for (const [before, known] of states.entries()) expect(isForward(at(known), at(state))).toBe(index > before);
    }
  });

  test("takes a later attempt anew, and an earlier one never", () => {
    expect(isForward(at("RUNNING", 1), at("PENDING", 2))).toBe(true);
    expect(isForward(at("PENDING", 2), at("RUNNING", 1))).toBe(false);
    // Events do not say which attempt they are of.
    expect(isForward(at("PENDING", 2), at("RUNNING"))).toBe(true);
  });

  test("goes by EMR Serverless's own times where a state is not known, and takes it where there are none", () => {
    const early = sampleJobRun({ state: "PONDERING", updatedAt: "2026-11-22T12:01:00.000Z" });
    const late = sampleJobRun({ state: "RUNNING", updatedAt: "2026-11-22T12:02:00.000Z" });
    expect([isForward(early, late), isForward(late, early)]).toEqual([true, false]);
    expect(isForward(at("RUNNING"), at("PONDERING"))).toBe(true);
  });

  test("leads to the same state from whatever order the events of an attempt come in", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(states, { minLength: 1 }), (order) => {
        const seen = order.reduce<ReturnType<typeof at> | undefined>(
          (known, state) => (isForward(known, at(state)) ? at(state) : known),
          undefined,
        );
        const furthest = Math.max(...order.map((state) => states.indexOf(state)));
        expect(seen?.state).toBe(states[furthest]);
      }),
    );
  });
});
