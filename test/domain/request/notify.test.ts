import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJobRequest, parseJobRequestText } from "#domain/request/job-request.ts";
import { taskTokenOf, textWithout } from "#domain/request/notify.ts";

const secret = "AQCEAAAA-a-secret";
const notify = { taskToken: secret };
const spark = { jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/acme/report.py" } } };

describe("a job request's task token", () => {
  test.each([["x"], ["x".repeat(2048)]])("may be of 1 to 2,048 characters", (taskToken) => {
    expect(parseJobRequest({ ...spark, notify: { taskToken } })).toMatchObject({
      verdict: "parsed",
      value: { notify: { taskToken } },
    });
  });

  test.each([
    ["no text", { taskToken: 1 }, "/notify/taskToken", 'must be of type string: current value is "(not shown)"'],
    ["empty", { taskToken: "" }, "/notify/taskToken", 'must be at least 1 character: current value is "(not shown)"'],
    [
      "too long",
      { taskToken: "x".repeat(2049) },
      "/notify/taskToken",
      'must be at most 2048 characters: current value is "(not shown)"',
    ],
    ["missing", {}, "/notify/taskToken", "must be of type string: current value is nothing"],
    ["no object", secret, "/notify", 'must be of type object: current value is "(not shown)"'],
    ["one of several", { ...notify, to: "me" }, "/notify/to", "is not a known field: remove it or check its spelling"],
  ])("that is %s is a fault, which does not show it", (_what, given, pointer, message) => {
    const parsed = parseJobRequest({ ...spark, notify: given });
    expect(parsed).toMatchObject({ verdict: "refused", error: { faults: [{ pointer, message }] } });
  });

  test("in the wrong place is told where it belongs", () => {
    expect(parseJobRequest({ ...spark, taskToken: secret })).toMatchObject({
      error: { faults: [{ pointer: "/taskToken", message: 'belongs into "notify": {"taskToken": …}' }] },
    });
  });
});

describe("a refusal shows no task token", () => {
  const told = (document: unknown): string => {
    const parsed = parseJobRequest(document);
    if (parsed.verdict === "parsed") throw new Error("the job request was parsed");
    const { message, faults } = parsed.error;
    return JSON.stringify([message, faults]);
  };

  test.each([
    ["of a document without a job", { notify }],
    ["beside a fault", { ...spark, notify, executionTimeoutMinutes: 1 }],
    ["in the wrong place", { taskToken: secret }],
    ["under a name with a slip", { nofity: notify }],
    ["as the value of notify", { notify: secret }],
    ["in a list", { jobDriver: [notify] }],
  ])("%s", (_what, document) => {
    expect(told(document)).not.toContain(secret);
  });

  test("wherever the document breaks off", () => {
    const text = JSON.stringify({ notify, ...spark });
    fc.assert(
      fc.property(fc.nat({ max: text.length - 1 }), fc.constantFrom("", "x", '"', "}", "\n"), (at, slip) => {
        const body = text.slice(0, at) + slip;
        const parsed = parseJobRequestText(body, body.length);
        if (parsed.verdict === "parsed") return;
        const said = JSON.stringify([parsed.error.message, parsed.error.faults]);
        for (let from = 0; from + 5 <= secret.length; from += 1)
          expect(said).not.toContain(secret.slice(from, from + 5));
      }),
    );
  });
});

describe("taskTokenOf()", () => {
  test.each([
    ["a job request", { ...spark, notify }],
    ["a document that is no job request", { colour: "red", notify: { ...notify, more: true } }],
  ])("reads the token of %s", (_what, document) => {
    expect(taskTokenOf(document)).toBe(secret);
  });

  test.each([
    ["nothing", undefined],
    ["a text", secret],
    ["a list", [notify]],
    ["a document without one", spark],
    ["one that Step Functions would not take", { notify: { taskToken: "x".repeat(2049) } }],
    ["an inherited one", Object.create({ notify })],
  ])("finds none in %s", (_what, document) => {
    expect(taskTokenOf(document)).toBeUndefined();
  });
});

test("textWithout() makes one text of two that differ by their token", () => {
  const text = (taskToken: string) => JSON.stringify({ colour: "red", notify: { taskToken } });
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (one, other) => {
      fc.pre(!text("").includes(one) && !text("").includes(other));
      expect(textWithout(text(one), one)).toBe(textWithout(text(other), other));
    }),
  );
  expect(textWithout(text("a"), undefined)).toBe(text("a"));
});
