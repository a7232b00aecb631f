import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findText } from "#domain/proof/find-text.ts";
import { allValues } from "#domain/proof/inclusion.ts";
import { readPattern } from "#domain/proof/pattern.ts";
import { textsMeet } from "#domain/proof/texts-meet.ts";

const pattern = fc.string({ unit: fc.constantFrom("a", "b", "/", "*", "?"), maxLength: 8 });

const steps = (text: string) => allValues([readPattern(text, "widest") ?? []], {});

describe("two patterns of real tenants", () => {
  test("meet exactly where the automata of both find a text", () => {
    fc.assert(
      fc.property(pattern, pattern, pattern, (begin, one, other) => {
        // Tenants' patterns mostly begin alike.
        const [first, second] = [begin + one, begin + other];
        const { verdict } = findText({ all: [steps(first), steps(second)], none: [] });
        expect(textsMeet(first, second)).toBe(verdict === "found");
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["lake/acme/*", "lake/acme2/*", false],
    ["lake/acme*", "lake/acme2/*", true],
    ["lake/acme", "lake/acme", true],
    ["lake/acme", "lake/acme2", false],
    ["lake/*", "lake/", true],
    ["lake/?", "lake/", false],
    ["*", "", true],
  ])("%s and %s: %s", (one, other, meet) => {
    expect(textsMeet(one, other)).toBe(meet);
    expect(textsMeet(other, one)).toBe(meet);
  });
});
