import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { errorTable, type ServiceError } from "#domain/errors.ts";
import { pointerOf } from "#domain/fault.ts";
import {
  jobRequestSchema,
  maxJobRequestBytes,
  parseJobRequest,
  parseJobRequestText,
  refuseLarge,
  summary,
} from "#domain/request/job-request.ts";
import { requestOf } from "#test/helpers/setup.ts";

const spark = { jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/acme/a.py" } } };

const errorOf = (document: unknown): ServiceError => {
  const parsed = parseJobRequest(document);
  if (parsed.verdict === "parsed") throw new Error("the document was parsed, not refused");
  return parsed.error;
};

const linesOf = (document: unknown): string[] =>
  errorOf(document).faults.map(({ pointer, message }) => `${pointer} ${message}`);

describe("parseJobRequest() takes", () => {
  test.each([
    ["an ad-hoc Spark job", spark],
    ["an ad-hoc Hive job", { jobDriver: { hive: { query: "s3://jobs/acme/q.sql" } } }],
    ["a job template with parameters", { jobTemplate: "nightly", parameters: { a: "x", b: 1, c: true } }],
    [
      "a schema, a request id and an application",
      { ...spark, $schema: "x.json", requestId: "n 42", application: "main" },
    ],
    [
      "the context of a schedule",
      {
        ...spark,
        schedule: { arn: "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/n", scheduledTime: "t" },
      },
    ],
    ["a timeout of 5 minutes", { ...spark, executionTimeoutMinutes: 5 }],
    ["no timeout", { ...spark, executionTimeoutMinutes: 0 }],
    [
      "arguments up to EMR Serverless's 1,024",
      {
        jobDriver: { sparkSubmit: { entryPoint: "s3://j/a.py", entryPointArguments: Array(1024).fill("") } },
      },
    ],
  ])("%s", (_what, document) => {
    expect(requestOf(document)).toStrictEqual(document);
  });
});

describe("parseJobRequest() refuses", () => {
  test("fields that are not for callers, each with the reason", () => {
    const document = {
      ...spark,
      applicationId: "00f1abc",
      executionRoleArn: "arn:aws:iam::111122223333:role/admin",
      executionIamPolicy: { policy: "{}" },
      clientToken: "mine",
      template: "nightly",
    };
    expect(linesOf(document)).toStrictEqual([
      '/applicationId is not for callers: name one of the tenant\'s application aliases in "application"',
      "/executionRoleArn is not for callers: it is set by the tenant's configuration",
      "/executionIamPolicy is not for callers: it is rendered from the tenant's policy template",
      '/clientToken is not for callers: give "requestId", from which Sluice derives it',
      '/template is called "jobTemplate"',
    ]);
  });

  test.each(["colour", "constructor", "toString", "hasOwnProperty"])("the unknown field %s in words", (field) => {
    expect(linesOf({ ...spark, [field]: 1 })).toStrictEqual([
      `/${field} is not a known field: remove it or check its spelling`,
    ]);
  });

  test.each<[string, unknown, string[]]>([
    ["text", "run", ['the document must be of type object: current value is "run"']],
    ["null", null, ["the document must be of type object: current value is null"]],
    ["a list", [spark], ["the document must be of type object: current value is [{"]],
    [
      "neither a job driver nor a job template",
      {},
      ["the document must be a job request with exactly one of jobTemplate, jobDriver: current value is {}"],
    ],
    [
      "both a job driver and a job template",
      { ...spark, jobTemplate: "n" },
      ["the document must be a job request with exactly one of"],
    ],
    [
      "two job drivers",
      { jobDriver: { ...spark.jobDriver, hive: { query: "q" } } },
      ["/jobDriver must be an object with exactly one of sparkSubmit, hive: "],
    ],
    [
      "no job driver",
      { jobDriver: {} },
      ["/jobDriver must be an object with exactly one of sparkSubmit, hive: current value is {}"],
    ],
    [
      "no entry point",
      { jobDriver: { sparkSubmit: {} } },
      ["/jobDriver/sparkSubmit/entryPoint must be of type string: current value is nothing"],
    ],
    ["an empty name", { ...spark, name: "" }, ['/name must be text that matches /\\S/: current value is ""']],
    ["a name of two lines", { ...spark, name: "a\nb" }, ["/name must be text that matches "]],
    ["a long name", { ...spark, name: "x".repeat(191) }, ["/name must be at most 190 characters: current value is "]],
    [
      "an unknown mode",
      { ...spark, mode: "FAST" },
      ['/mode must be one of "BATCH", "STREAMING": current value is "FAST"'],
    ],
    [
      "a timeout of 4 minutes",
      { ...spark, executionTimeoutMinutes: 4 },
      [
        "/executionTimeoutMinutes must be at least 5 minutes, or 0 for a streaming job without a timeout: current value is 4",
      ],
    ],
    [
      "half minutes",
      { ...spark, executionTimeoutMinutes: 5.5 },
      ["/executionTimeoutMinutes must be an integer: current value is 5.5"],
    ],
    [
      "no retry at all",
      { ...spark, retryPolicy: { maxAttempts: 0 } },
      ["/retryPolicy/maxAttempts must be at least 1: current value is 0"],
    ],
    [
      "too many arguments",
      { jobDriver: { sparkSubmit: { entryPoint: "a", entryPointArguments: Array(1025).fill("") } } },
      ["/jobDriver/sparkSubmit/entryPointArguments must be at most 1024 items: current value is "],
    ],
    [
      "an argument that is no text",
      { jobDriver: { sparkSubmit: { entryPoint: "a", entryPointArguments: [1] } } },
      ["/jobDriver/sparkSubmit/entryPointArguments/0 must be of type string: current value is 1"],
    ],
    [
      "a list as a parameter",
      { jobTemplate: "n", parameters: { a: [1] } },
      ["/parameters/a must be text, a number, true or false: current value is [1]"],
    ],
    [
      "a tag that AWS reserves",
      { ...spark, tags: { "aws:x": "1" } },
      [
        '/tags/aws:x must be an entry whose key is text that does not begin with "aws:", which AWS reserves: current value is "aws:x"',
      ],
    ],
    [
      "a tag that AWS reserves, in capitals",
      { ...spark, tags: { "AWS:x": "1" } },
      ['/tags/AWS:x must be an entry whose key is text that does not begin with "aws:"'],
    ],
    [
      "a tag key with a comma",
      { ...spark, tags: { "a,b": "1" } },
      ['/tags/a,b must be an entry whose key is text that matches /^[A-Za-z0-9 /_.:=+@-]*$/: current value is "a,b"'],
    ],
    [
      "a tag value with a star",
      { ...spark, tags: { a: "*" } },
      ['/tags/a must be text that matches /^[A-Za-z0-9 /_.:=+@-]*$/: current value is "*"'],
    ],
    [
      "a long tag key",
      { ...spark, tags: { ["k".repeat(129)]: "" } },
      [`/tags/${"k".repeat(129)} must be an entry whose key is at most 128 characters: `],
    ],
    [
      "a KMS alias",
      {
        ...spark,
        configurationOverrides: {
          diskEncryptionConfiguration: { encryptionKeyArn: "arn:aws:kms:eu-west-1:111122223333:alias/x" },
        },
      },
      ["/configurationOverrides/diskEncryptionConfiguration/encryptionKeyArn must be text that matches "],
    ],
    [
      "a property that is too long",
      {
        ...spark,
        configurationOverrides: {
          applicationConfiguration: [{ classification: "c", properties: { a: "x".repeat(1025) } }],
        },
      },
      ["/configurationOverrides/applicationConfiguration/0/properties/a must be at most 1024 characters: "],
    ],
    [
      "more than 8 entries of encryption context",
      {
        ...spark,
        configurationOverrides: {
          diskEncryptionConfiguration: {
            encryptionContext: Object.fromEntries([..."abcdefghi"].map((key) => [key, "x"])),
          },
        },
      },
      ["/configurationOverrides/diskEncryptionConfiguration/encryptionContext must be at most 8 entries: "],
    ],
    [
      "a request id that is no printable ASCII",
      { ...spark, requestId: "ü" },
      ['/requestId must be text that matches /^[\\x20-\\x7e]+$/: current value is "ü"'],
    ],
  ])("%s", (_what, document, wanted) => {
    const error = errorOf(document);
    expect(error.code).toBe("ERR_JOB_REQUEST_INVALID");
    expect(error.message).toMatch(/^Cannot read the job request: /);
    const lines = error.faults.map(({ pointer, message }) => `${pointer || "the document"} ${message}`);
    expect(lines).toHaveLength(wanted.length);
    wanted.forEach((line, index) => {
      expect(lines[index]).toContain(line);
    });
  });

  test("every fault at once, the document's own among them, and repeats three of them in its message", () => {
    const document = { name: "", executionTimeoutMinutes: "5", tags: { "a,b": "", c: "*" }, clientToken: "x" };
    expect(errorOf(document).faults.map(({ pointer }) => pointer)).toStrictEqual([
      "/name",
      "/tags/a,b",
      "/tags/c",
      "/executionTimeoutMinutes",
      "/clientToken",
      "",
    ]);
    expect(errorOf(document).message).toMatch(/^Cannot read the job request: \/name must be .*; and 3 more$/);
  });

  test("a document that is nested deeper than any job request", () => {
    const deep = (levels: number): unknown =>
      levels === 0 ? { classification: "c" } : { classification: "c", configurations: [deep(levels - 1)] };
    const withConfiguration = (levels: number) => ({
      ...spark,
      configurationOverrides: { applicationConfiguration: [deep(levels)] },
    });
    expect(parseJobRequest(withConfiguration(10)).verdict).toBe("parsed");
    expect(linesOf(withConfiguration(3000))).toStrictEqual([" must be nested at most 64 levels deep"]);
    expect(linesOf(JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`))).toStrictEqual([
      " must be nested at most 64 levels deep",
    ]);
  });

  test("anything, without ever throwing, and with a code that is in the table", () => {
    fc.assert(
      fc.property(fc.anything({ key: fc.constantFrom("jobDriver", "tags", "name", "__proto__", "a") }), (document) => {
        const parsed = parseJobRequest(document);
        if (parsed.verdict === "parsed") return;
        expect(errorTable).toHaveProperty(parsed.error.code);
        expect(parsed.error.faults.length).toBeGreaterThan(0);
        expect(parsed.error.faults.every(({ message }) => typeof message === "string")).toBe(true);
      }),
    );
  });
});

describe("parseJobRequestText()", () => {
  test("reads JSON", () => {
    const text = JSON.stringify(spark);
    expect(parseJobRequestText(text, text.length)).toStrictEqual({ verdict: "parsed", value: spark });
  });

  test.each(["", "{", "jobTemplate=nightly", "undefined"])("refuses %j, which is no JSON", (text) => {
    const parsed = parseJobRequestText(text, text.length);
    expect(parsed).toMatchObject({
      verdict: "refused",
      error: {
        code: "ERR_JOB_REQUEST_INVALID",
        message: "Cannot read the job request: the body must be JSON",
        faults: [{ pointer: "", message: expect.stringMatching(/^must be a JSON object: /) }],
      },
    });
  });

  test("refuses a body above 256 KB before it reads it", () => {
    expect(refuseLarge(maxJobRequestBytes)).toBeUndefined();
    expect(parseJobRequestText("{", maxJobRequestBytes + 1)).toMatchObject({
      verdict: "refused",
      error: {
        code: "ERR_JOB_REQUEST_TOO_LARGE",
        message: "Cannot take the job request: its size must be at most 262144 bytes: current size is 262145 bytes",
      },
    });
  });
});

describe("summary()", () => {
  const fault = (pointer: string) => ({ pointer, message: "is wrong" });

  test("says three faults in full and counts the others", () => {
    expect(summary([fault("/a")])).toBe("/a is wrong");
    expect(summary([fault(""), fault("/b"), fault("/c")])).toBe("the document is wrong; /b is wrong; /c is wrong");
    expect(summary(["/a", "/b", "/c", "/d", "/e"].map(fault))).toBe(
      "/a is wrong; /b is wrong; /c is wrong; and 2 more",
    );
  });
});

describe("the refusal of 256 KB of faults", () => {
  const sizes = (document: unknown): number => {
    const parsed = parseJobRequest(document);
    if (parsed.verdict === "parsed") throw new Error("the job request was parsed, not refused");
    const { message, faults } = parsed.error;
    return new TextEncoder().encode(JSON.stringify({ message, faults })).length;
  };
  const many = (entry: (at: number) => [string, unknown], count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => entry(at)));

  test.each([
    ["unknown keys", many((at) => [`k${at}`, 1], 25_000)],
    ["one long key", { ["k".repeat(250_000)]: 1 }],
    ["tags with keys of another alphabet", { jobTemplate: "nightly", tags: many((at) => [`é${at}`, "é"], 15_000) }],
    ["long values", { jobTemplate: "x".repeat(100_000), tenantId: "y".repeat(100_000), name: "z".repeat(50_000) }],
  ])("is a small document: %s", (_what, document) => {
    expect(sizes(document)).toBeLessThan(80 * 1024);
  });

  test("says in its message and in its last fault how many there are", () => {
    const parsed = parseJobRequest({ jobTemplate: "nightly", ...many((at) => [`k${at}`, 1], 1000) });
    expect(parsed).toMatchObject({
      verdict: "refused",
      error: { message: expect.stringMatching(/; and 997 more$/) },
    });
    expect(parsed.verdict === "refused" && parsed.error.faults.at(-1)?.message).toBe("and 900 more faults");
  });
});

test("parseJobRequest() says of a request of a job template what the schema of any job request says", () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.object({ maxDepth: 1 }));
  const names = ["$schema", "tenantId", "requestId", "application", "jobTemplate", "parameters", "priority"];
  const document = fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
  const fitting = fc.record(
    {
      requestId: fc.stringMatching(/^[ -~]{0,20}$/),
      jobTemplate: fc.string({ maxLength: 70 }),
      parameters: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null))),
      priority: fc.integer({ min: -1, max: 10 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(document, fitting), (given) => {
      const parsed = parseJobRequest(given);
      const whole = z.safeParse(jobRequestSchema(), given);
      expect(parsed.verdict).toBe(whole.success ? "parsed" : "refused");
      if (parsed.verdict === "parsed") expect(parsed.value).toStrictEqual(whole.data);
      else if (whole.error !== undefined) {
        const pointers = new Set(parsed.error.faults.map(({ pointer }) => pointer));
        for (const { path } of whole.error.issues) expect(pointers).toContain(pointerOf(path));
      }
    }),
  );
});
