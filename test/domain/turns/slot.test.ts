import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { holderOf, slotOf } from "#domain/turns/slot.ts";

const submissionIds = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);
const acceptances = fc.integer({ min: 1, max: 1_000_000 });

describe("slotOf()", () => {
  test("names the slot of a first acceptance by the submission id alone", () => {
    expect(slotOf({ submissionId: "req.1" })).toBe("req.1");
    expect(slotOf({ submissionId: "req.1", acceptance: 2 })).toBe("req.1~2");
  });

  test("gives names that say whose slot it is, for every submission id", () => {
    fc.assert(
      fc.property(submissionIds, acceptances, (submissionId, acceptance) => {
        expect(holderOf(slotOf({ submissionId, acceptance }))).toEqual({ submissionId, acceptance });
      }),
    );
  });
});
