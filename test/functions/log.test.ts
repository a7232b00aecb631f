import type { Context } from "aws-lambda";
import { expect, test } from "vitest";
import type { Log } from "#handlers/door.ts";
import { inInvocation, invocationIds } from "../../src/functions/invocation.ts";
import { jsonLog } from "../../src/functions/json-log.ts";

const written = (level?: string): { log: Log; lines: string[] } => {
  const lines: string[] = [];
  const now = () => "2026-11-22T12:00:00.000Z";
  const write = (line: string) => void lines.push(line);
  return { lines, log: jsonLog({ functionName: "queue", now, write, ids: invocationIds, level }) };
};

const contextOf = (awsRequestId: string) => ({ awsRequestId }) as Context;

test("jsonLog() writes a line of JSON a record", () => {
  const { log, lines } = written();
  log.info("submission", { tenantId: "acme", code: undefined });
  expect(lines).toEqual([
    '{"level":"INFO","time":"2026-11-22T12:00:00.000Z","function":"queue","message":"submission","tenantId":"acme"}\n',
  ]);
});

test("jsonLog() leaves out what is below its level", () => {
  const { log, lines } = written("warn");
  log.info("submission", {});
  log.warn("returned", {});
  expect(lines.map((line) => JSON.parse(line).message)).toEqual(["returned"]);
});

test("jsonLog() writes counts as metrics of CloudWatch, below any level, and leaves out what is 0", () => {
  const { log, lines } = written("FATAL");
  log.metrics({ EndingsFound: 2, CostsFound: 0 });
  log.metrics({ JobRunsAsked: 1 }, { tenantId: "acme" });
  log.metrics({ CostsFound: 0 });
  const Timestamp = Date.parse("2026-11-22T12:00:00.000Z");
  const directive = (Dimensions: string[][], Name: string) => ({
    Timestamp,
    CloudWatchMetrics: [{ Namespace: "Sluice", Dimensions, Metrics: [{ Name, Unit: "Count" }] }],
  });
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    { _aws: directive([["function"]], "EndingsFound"), function: "queue", EndingsFound: 2 },
    { _aws: directive([["function", "tenantId"]], "JobRunsAsked"), tenantId: "acme", JobRunsAsked: 1 },
  ]);
  expect(lines).toHaveLength(2);
});

test("jsonLog() writes no metrics where nobody reads them", () => {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log = jsonLog({ functionName: "queue", now: () => "", write, level: "INFO", metrics: false });
  log.metrics({ EndingsFound: 2 });
  expect(lines).toEqual([]);
});

test("inInvocation() puts Lambda's id into every line, also of what runs at the same time", async () => {
  const { log, lines } = written();
  const handler = inInvocation(async (event: string) => {
    log.info("before", { event });
    await Promise.resolve();
    await Promise.all([1, 2].map(async (turn) => log.warn("after", { event, turn })));
    return event;
  });
  const answers = ["a", "b"].map((event) => handler(event, contextOf(`request-${event}`)));
  expect(await Promise.all(answers)).toEqual(["a", "b"]);
  const records = lines.map((line): { event: string; awsRequestId: string } => JSON.parse(line));
  expect(records).toHaveLength(6);
  for (const { event, awsRequestId } of records) expect(awsRequestId).toBe(`request-${event}`);
});

test("inInvocation() lets errors through, and leaves nothing to the next line", async () => {
  const { log, lines } = written();
  const failing = inInvocation(async () => Promise.reject(new Error("out of luck")));
  await expect(failing({}, contextOf("request"))).rejects.toThrow("out of luck");
  log.info("outside", {});
  expect(lines[0]).not.toContain("awsRequestId");
});
