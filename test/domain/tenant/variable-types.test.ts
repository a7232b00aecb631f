import fc from "fast-check";
import { expect, test } from "vitest";
import { variableValues } from "#domain/plan/variable-values.ts";
import { type VariableType, variableTypes } from "#domain/tenant/policy-template.ts";
import { samplePolicyTemplate } from "#test/helpers/setup.ts";

const accepts = (type: VariableType, value: string): boolean =>
  variableValues(samplePolicyTemplate({ variables: { v: { type } } }), { v: value }, "acme").faults.length === 0;

/** Texts near what the types accept: any text would almost always be refused, and prove nothing. */
const nearby = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.string({ unit: fc.constantFrom(..."ab0-_.=+@:/*?${}\n\u0000\"'% ~\\"), maxLength: 12 }),
  fc
    .tuple(fc.constantFrom("arn:aws:s3:::", "arn:aws:glue:us-east-1:111122223333:"), fc.string({ maxLength: 8 }))
    .map(([head, tail]) => head + tail),
);

const perType = (check: (type: VariableType, value: string) => void) => {
  for (const type of variableTypes) {
    let accepted = 0;
    fc.assert(
      fc.property(nearby, (value) => {
        if (!accepts(type, value)) return;
        accepted += 1;
        check(type, value);
      }),
      { numRuns: 5000 },
    );
    expect(accepted, `values that ${type} accepts`).toBeGreaterThan(0);
  }
};

test("variableValues() accepts no value that widens a pattern, ends a string or opens a placeholder", () => {
  perType((type, value) => expect(value, type).not.toMatch(/[*?${}"\\\p{Cc}]/u));
});

test("variableValues() accepts no value that leaves its part of the ARN", () => {
  perType((type, value) => {
    const segments = value.split("/");
    if (type !== "path" && type !== "arn") expect(segments, type).toHaveLength(1);
    if (type === "arn") return;
    for (const segment of segments) expect(["", ".", ".."], type).not.toContain(segment);
  });
});
