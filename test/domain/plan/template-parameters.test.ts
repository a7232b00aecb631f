import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parameterValues } from "#domain/plan/template-parameters.ts";
import { splitArguments } from "#domain/rails/arguments.ts";
import { sparkArguments } from "#domain/rails/spark-arguments.ts";
import type { ParameterValue } from "#domain/tenant/tenant.ts";
import { planOf, sampleJobTemplate, sampleSetup } from "#test/helpers/setup.ts";

/** What a value of one parameter becomes, or what is said against it. */
const textOf = (declared: object, value: ParameterValue | undefined): string | undefined => {
  const template = sampleJobTemplate({
    parameters: { p: declared },
    jobDriver: { hive: { query: "s3://jobs/q.sql" } },
  });
  const { values, faults } = parameterValues(template, value === undefined ? {} : { p: value }, "acme");
  return faults[0]?.message ?? values["parameters.p"];
};

const prefixes = ["s3://data/{{tenant.id}}/", "s3://shared/"];

describe("parameterValues() takes", () => {
  test.each<[object, ParameterValue, string]>([
    [{ type: "string" }, "two words", "two words"],
    [{ type: "string" }, "", ""],
    [{ type: "string" }, "a-b", "a-b"],
    [{ type: "string", allowLeadingDash: true }, "--x", "--x"],
    [{ type: "string", enum: ["a", "b"] }, "b", "b"],
    [{ type: "string", pattern: "a|bc" }, "bc", "bc"],
    [{ type: "string", minLength: 2, maxLength: 3 }, "abc", "abc"],
    [{ type: "string" }, "x".repeat(1024), "x".repeat(1024)],
    [{ type: "string" }, "{{tenant.id}} $1 $& \\", "{{tenant.id}} $1 $& \\"],
    [{ type: "integer", minimum: 1, maximum: 3 }, 3, "3"],
    [{ type: "integer" }, -7, "-7"],
    [{ type: "number" }, 0.5, "0.5"],
    [{ type: "boolean" }, false, "false"],
    [{ type: "date" }, "2024-02-29", "2024-02-29"],
    [{ type: "date" }, "2000-02-29", "2000-02-29"],
    [{ type: "s3Uri", prefixes }, "s3://data/acme/in/a b.csv", "s3://data/acme/in/a b.csv"],
    [{ type: "s3Uri", prefixes }, "s3://shared/", "s3://shared/"],
    [{ type: "s3Uri", prefixes, list: true }, "s3://shared/x", "s3://shared/x"],
    [{ type: "s3Uri", prefixes, list: true }, "s3://shared/x,s3://data/acme/y", "s3://shared/x,s3://data/acme/y"],
  ])("for %j the value %j", (declared, value, text) => {
    expect(textOf(declared, value)).toBe(text);
  });

  test("the default where no value is given, and a value before the default", () => {
    expect(textOf({ type: "integer", default: 7 }, undefined)).toBe("7");
    expect(textOf({ type: "integer", default: 7 }, 8)).toBe("8");
    expect(textOf({ type: "boolean", default: false }, undefined)).toBe("false");
  });
});

describe("parameterValues() refuses", () => {
  test.each<[object, ParameterValue, string]>([
    [{ type: "string" }, 7, "must be text"],
    [{ type: "string" }, "-x", 'must be text that does not begin with "-"'],
    [{ type: "string" }, "a\nb", "must be text without control characters"],
    [{ type: "string" }, "a\u0000", "must be text without control characters"],
    [{ type: "string" }, "a\u0085", "must be text without control characters"],
    [{ type: "string", enum: ["a", "b"] }, "c", "must be one of a, b"],
    [{ type: "string", pattern: "a|bc" }, "abc", "must be text that matches a|bc"],
    [{ type: "string", minLength: 2 }, "a", "must be at least 2 characters"],
    [{ type: "string", maxLength: 2 }, "abc", "must be at most 2 characters"],
    [{ type: "string" }, "x".repeat(1025), "must be at most 1024 characters"],
    [{ type: "integer" }, "7", "must be an integer"],
    [{ type: "integer" }, 7.5, "must be an integer"],
    [{ type: "integer" }, 1e300, "must be an integer"],
    [{ type: "integer", minimum: 1 }, 0, "must be at least 1"],
    [{ type: "number", maximum: 1 }, 1.1, "must be at most 1"],
    [{ type: "number" }, true, "must be a number"],
    [{ type: "boolean" }, "true", "must be true or false"],
    [{ type: "date" }, "2026-02-29", 'must be a date such as "2026-01-31"'],
    [{ type: "date" }, "1900-02-29", 'must be a date such as "2026-01-31"'],
    [{ type: "date" }, "2026-1-1", 'must be a date such as "2026-01-31"'],
    [{ type: "date" }, "2026-01-01T00:00:00Z", 'must be a date such as "2026-01-31"'],
    [{ type: "date" }, "2026-01-01\n", 'must be a date such as "2026-01-31"'],
    [{ type: "s3Uri", prefixes }, "https://data/acme/x", 'must be an S3 URI such as "s3://bucket/key"'],
    [{ type: "s3Uri", prefixes }, "s3://data/acme/a\tb", 'must be an S3 URI such as "s3://bucket/key"'],
    [{ type: "s3Uri", prefixes }, "s3://data/acme2/x", 'must begin with "s3://data/acme/" or "s3://shared/"'],
    [{ type: "s3Uri", prefixes }, "s3://data/acme/../acme2/x", 'must begin with "s3://data/acme/" or "s3://shared/"'],
    [{ type: "s3Uri", prefixes }, "s3://data/acme", 'must begin with "s3://data/acme/" or "s3://shared/"'],
    [{ type: "s3Uri", prefixes }, "s3://data/{{tenant.id}}/x", 'must begin with "s3://data/acme/"'],
    [{ type: "s3Uri", prefixes }, "s3://shared/x,s3://globex/y", 'must be one S3 URI without ","'],
    [{ type: "s3Uri", prefixes, list: false }, "s3://shared/x,s3://shared/y", "does not declare list: true"],
    [{ type: "s3Uri", prefixes }, "s3://shared/{x,y}", 'must be one S3 URI without ","'],
    [{ type: "s3Uri", prefixes, list: true }, "s3://shared/x,s3://globex/y", 'must begin with "s3://data/acme/"'],
    [{ type: "s3Uri", prefixes, list: true }, "s3://shared/x,/etc/passwd", 'must be S3 URIs such as "s3://bucket/key"'],
    [{ type: "s3Uri", prefixes, list: true }, "s3://shared/x,", 'must be S3 URIs such as "s3://bucket/key"'],
    [{ type: "s3Uri", prefixes, list: true }, "s3://shared/x, s3://shared/y", "must be S3 URIs such as"],
    [{ type: "s3Uri", prefixes, list: true }, "s3://shared/x,s3://shared/../globex/y", "must begin with"],
    [{ type: "s3Uri", prefixes, list: true }, "s3://shared/{x,s3://shared/y}/../z", "must begin with"],
    [{ type: "s3Uri", prefixes }, `s3://shared/${"x".repeat(1100)}`, "must be an S3 URI such as"],
    [{ type: "s3Uri", prefixes, list: true }, "s3://shared/x,".repeat(800), "must be S3 URIs such as"],
  ])("for %j the value %j", (declared, value, message) => {
    expect(textOf(declared, value)).toContain(message);
    expect(textOf(declared, value)).toContain("current value is ");
  });

  test("a default that is wrong as well", () => {
    expect(textOf({ type: "date", default: "today" }, undefined)).toContain('must be a date such as "2026-01-31"');
  });

  test("a required parameter that is missing, and one that the template does not have", () => {
    const template = sampleJobTemplate();
    expect(parameterValues(template, { constructor: 1 }, "acme").faults).toStrictEqual([
      { pointer: "/parameters/date", message: 'is required by job template "nightly"' },
      {
        pointer: "/parameters/constructor",
        message: 'must be a parameter of job template "nightly" (date, rows): current value is 1',
        current: "1",
        wanted: 'a parameter of job template "nightly" (date, rows)',
      },
    ]);
  });
});

test("a date is a day that the calendar has", () => {
  const part = (most: number) => fc.integer({ min: 0, max: most });
  const padded = (number: number, length: number): string => String(number).padStart(length, "0");
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 9999 }), part(13), part(32), (year, month, day) => {
      const text = `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
      const date = new Date(Date.UTC(year, month - 1, day));
      const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && month >= 1;
      expect(textOf({ type: "date" }, text) === text).toBe(exists);
    }),
    { numRuns: 2000 },
  );
});

describe("whatever its parameters are, a planned job template", () => {
  const template = sampleJobTemplate({
    parameters: { a: { type: "string", allowLeadingDash: true }, b: { type: "string" } },
    jobDriver: {
      sparkSubmit: {
        entryPoint: "s3://jobs/acme/n.py",
        entryPointArguments: ["--a", "{{parameters.a}}", "--b", "{{ parameters.b }}", "end"],
        sparkSubmitParameters: "--class  'Nightly Job'",
      },
    },
    sparkProperties: { "spark.a": "{{parameters.a}}", "spark.b": "{{parameters.b}}", "spark.c": "fixed" },
  });
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(" ", '"', "'", "\\", "-", "=", "$", "{", "}", "a", ",") }),
    fc.constantFrom(
      "{{parameters.b}}",
      "{{tenant.id}}",
      '" --conf spark.c=mine "',
      "x --conf spark.c=mine",
      "$&",
      "$1",
    ),
  );

  test.each([
    ["without rules", {}],
    ["with rules that rewrite the parameters", { enforced: { "spark.d": "4" } }],
  ])("keeps each value in its own argument and its own property (%s)", (_rules, spark) => {
    const setup = sampleSetup({ jobTemplates: [template], tenant: { spark } });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const plan = planOf({ jobTemplate: "nightly", parameters: { a, b } }, setup);
        if (plan.verdict === "refused") {
          expect(plan.error.faults.every(({ pointer }) => pointer.startsWith("/parameters/"))).toBe(true);
          return;
        }
        const { sparkSubmit } = plan.input.jobDriver;
        expect(sparkSubmit?.entryPointArguments).toStrictEqual(["--a", a, "--b", b, "end"]);
        const split = splitArguments(sparkSubmit?.sparkSubmitParameters ?? "");
        const tokens = split.verdict === "split" ? split.tokens : [];
        expect(tokens.filter((token) => token !== "--conf" && token !== "spark.d=4")).toStrictEqual([
          "--class",
          "Nightly Job",
          `spark.a=${a}`,
          `spark.b=${b}`,
          "spark.c=fixed",
        ]);
        const settings = sparkArguments(tokens).settings.map(({ key, value }) => [key, value]);
        expect(Object.fromEntries(settings)).toMatchObject({ "spark.a": a, "spark.b": b, "spark.c": "fixed" });
      }),
      { numRuns: 500 },
    );
  });
});

describe("a job template whose parameters cannot be cut into arguments", () => {
  const spark = (sparkSubmitParameters: string) => ({
    jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/acme/n.py", sparkSubmitParameters } },
    sparkProperties: { "spark.a": "{{parameters.a}}" },
  });
  const hive = (parameters: string) => ({
    jobDriver: { hive: { query: "s3://jobs/acme/q.sql", parameters } },
    hiveProperties: { "hive.a": "{{parameters.a}}" },
  });

  test.each([
    ["/jobDriver/sparkSubmit/sparkSubmitParameters", spark("--name 'x")],
    ["/jobDriver/sparkSubmit/sparkSubmitParameters", spark('--name "x')],
    ["/jobDriver/sparkSubmit/sparkSubmitParameters", spark("--name x\\")],
    ["/jobDriver/hive/parameters", hive("--hiveconf 'x")],
  ])("is refused at %s before a value could close what it opens: %j", (pointer, driver) => {
    const template = sampleJobTemplate({ parameters: { a: { type: "string" } }, ...driver });
    const setup = sampleSetup({ jobTemplates: [template] });
    for (const a of ["x", "it's", 'say "x', "' --conf spark.b=1 --name '"]) {
      const plan = planOf({ jobTemplate: "nightly", parameters: { a } }, setup);
      expect(plan).toMatchObject({ verdict: "refused", error: { faults: [{ pointer }] } });
    }
  });
});
