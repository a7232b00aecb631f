import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { jobRequestSchema, parseJobRequest } from "#domain/request/job-request.ts";

const page = readFileSync(new URL("../../../docs/job-request.md", import.meta.url), "utf8");
const examples = Array.from(page.matchAll(/```json\n(.*?)```/gs), ([, text = ""]) => text);

/** What EventBridge Scheduler fills in. */
const filled = (text: string): string =>
  text
    .replaceAll("<aws.scheduler.schedule-arn>", "arn:aws:scheduler:us-east-1:111122223333:schedule/default/nightly")
    .replaceAll("<aws.scheduler.scheduled-time>", "2026-11-22T01:00:00Z");

test.each(examples)("docs/job-request.md shows a job request that is one: %s", (text) => {
  expect(parseJobRequest(JSON.parse(filled(text))).verdict).toBe("parsed");
});

test("docs/job-request.md has an example of each kind, and every field of the schema", () => {
  expect(examples).toHaveLength(4);
  const rows = Array.from(page.matchAll(/^\| `([^`]+)` \|/gm), ([, name]) => name);
  expect(rows.toSorted()).toEqual(Object.keys(jobRequestSchema().shape).sort());
});
