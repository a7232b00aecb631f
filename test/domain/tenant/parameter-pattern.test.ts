import { describe, expect, test } from "vitest";
import { jobTemplateSchema } from "#domain/tenant/job-template.ts";
import { isBoundedPattern } from "#domain/tenant/parameter-pattern.ts";

const takes = (pattern: string): boolean =>
  jobTemplateSchema.safeParse({
    name: "t",
    parameters: { p: { type: "string", pattern } },
    jobDriver: { hive: { query: "s3://jobs/q.sql" } },
  }).success;

describe("a string parameter's pattern", () => {
  test.each([
    "a|bc",
    "[a-z]+",
    "[a-z]+-[0-9]{4}",
    "(foo|bar)+",
    "(ab?)*",
    "(?:[a-z]{3})*",
    "[a-z]+(,[a-z]+)*",
    "(?:/[\\w.-]+)*",
    "(\\.[a-z]+)*",
    "(?<year>\\d{4})-(?<month>\\d{2})",
    "([a-z]+)?x",
    "([a-z]+)-([a-z]+)",
    "\\p{Lu}\\p{Ll}*",
    "[)(*+|]+",
    "\\(\\w+\\)",
  ])("may be %s", (pattern) => {
    expect(takes(pattern)).toBe(true);
  });

  test.each([
    "(a+)+",
    "(?:a*)*",
    "([a-z]+)*x",
    "(a|a)*",
    "(a|ab)+",
    "(\\w+\\s?)*",
    "(,?[a-z]+)*",
    "(-[a-z-]+)*",
    "(aa+)+",
    "((a+)b)*",
    "(a(b+)*)*",
    "(aa?)+",
    "(x(a|a))*",
    "(,a*a*)*",
    "(x(?:b|bb)(?:b|bb))*",
    "(a(?:ab)?)*",
    "(a+){10}",
    "(a+){2,}",
    "(.*,)*",
    "(?<word>\\p{L}+)+",
    "(a{1,9}){1,9}",
  ])("may not be %s, which a caller's text could keep busy for hours", (pattern) => {
    expect(takes(pattern)).toBe(false);
    expect(isBoundedPattern(pattern)).toBe(false);
  });

  test("may not be one that is none, nor a long one", () => {
    expect(takes("(")).toBe(false);
    expect(takes("a".repeat(1025))).toBe(false);
  });
});
