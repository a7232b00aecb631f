import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { boundedText } from "#domain/request/bounded-text.ts";
import { jobRequestSchema, maxJobRequestBytes, parseJobRequest } from "#domain/request/job-request.ts";
import { jobTemplateSchema } from "#domain/tenant/job-template.ts";
import { policyTemplateSchema } from "#domain/tenant/policy-template.ts";
import { tenantSchema } from "#domain/tenant/tenant.ts";

interface Check {
  readonly check: string;
  readonly abort?: boolean;
  readonly pattern?: RegExp;
}

/** What a zod schema is made of, as far as these tests look into it. */
interface Definition {
  readonly type: string;
  readonly checks?: readonly { readonly _zod: { readonly def: Check } }[];
}

const isSchema = (value: unknown): value is z.ZodMiniType =>
  typeof value === "object" && value !== null && "_zod" in value && "parse" in value;

/** Every schema inside a schema, itself included. */
const within = (schema: z.ZodMiniType, found = new Set<z.ZodMiniType>()): Set<z.ZodMiniType> => {
  if (found.has(schema)) return found;
  found.add(schema);
  const parts = (value: unknown): unknown[] =>
    typeof value === "object" && value !== null && !isSchema(value) && !(value instanceof RegExp)
      ? Object.values(value).flatMap(parts)
      : [value];
  const { checks: _checks, ...def } = { ...schema._zod.def, checks: undefined };
  for (const part of Object.values(def).flatMap(parts)) if (isSchema(part)) within(part, found);
  return found;
};

const checksOf = (schema: z.ZodMiniType): Check[] =>
  ((schema._zod.def as Definition).checks ?? []).map(({ _zod }) => _zod.def);

const patternsOf = (schema: z.ZodMiniType): RegExp[] =>
  [...within(schema)].flatMap(checksOf).flatMap(({ pattern }) => (pattern === undefined ? [] : [pattern]));

describe("a pattern of the job request", () => {
  const withPattern = [...within(jobRequestSchema())]
    .map(checksOf)
    .filter((checks) => checks.some(({ pattern }) => pattern !== undefined));

  test("runs only on text whose length was checked before", () => {
    expect(withPattern.length).toBeGreaterThan(8);
    for (const checks of withPattern) {
      const bound = checks.findIndex(({ check, abort }) => check === "max_length" && abort === true);
      const pattern = checks.findIndex((check) => check.pattern !== undefined);
      expect(bound, String(checks[pattern]?.pattern)).toBeGreaterThanOrEqual(0);
      expect(bound).toBeLessThan(pattern);
    }
  });

  test("is not asked about text that is too long", () => {
    let asked = 0;
    const schema = boundedText(1, 10).check(
      z.refine(() => {
        asked += 1;
        return true;
      }),
    );
    expect(z.safeParse(schema, "x".repeat(maxJobRequestBytes)).success).toBe(false);
    expect(asked).toBe(0);
    expect(z.safeParse(schema, "x".repeat(10)).success).toBe(true);
    expect(asked).toBe(1);
  });
});

/** "Anything, repeated" before the end of a pattern tries every place to stop at. */
const isOpenInside = ({ source }: RegExp): boolean =>
  /\.[*+](?!\)?[*?]?\)?\$?$)/.test(source.replaceAll(/\\.|\[[^\]]*\]/g, "x"));

describe("no pattern", () => {
  const all = [jobRequestSchema(), tenantSchema, policyTemplateSchema, jobTemplateSchema].flatMap(patternsOf);

  test.each([...new Map(all.map((pattern) => [pattern.source, pattern])).values()])(
    "%s tries a text more than once",
    (pattern) => {
      expect(isOpenInside(pattern)).toBe(false);
    },
  );

  test("may be like those that did", () => {
    expect(isOpenInside(/^.*\S.*$/)).toBe(true);
    expect(isOpenInside(/^(.+)x/)).toBe(true);
    expect(isOpenInside(/^.*$/)).toBe(false);
  });
});

describe("a name", () => {
  const faultsOf = (name: unknown) => {
    const parsed = parseJobRequest({ jobTemplate: "nightly", name });
    return parsed.verdict === "refused" ? parsed.error.faults.map(({ message }) => message.split(":")[0]) : [];
  };

  test.each([" ", "\n", "a\nb", `${"a".repeat(100)}\n`])(
    "%j is refused: it is one line with something in it",
    (name) => {
      expect(faultsOf(name)).not.toEqual([]);
    },
  );

  test("of 256 KB is refused for its length and for nothing else", () => {
    expect(faultsOf(`${"a".repeat(maxJobRequestBytes)}\n`)).toEqual(["must be at most 190 characters"]);
  });
});
