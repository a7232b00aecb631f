import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { schemaFiles } from "#cli/schema-files.ts";
import { eventSchemas } from "#domain/events/event-schemas.ts";
import type { PublishedEvent } from "#domain/events/published-event.ts";
import { parseJobRequest } from "#domain/request/job-request.ts";
import { cancelSubmission } from "#domain/submission/cancel-submission.ts";
import { completeJobRun } from "#domain/submission/complete-job-run.ts";
import { submitJob } from "#domain/submission/submit-job.ts";
import { sweep } from "#domain/sweep/sweep.ts";
import { budgetVerdict } from "#domain/usage/budget.ts";
import { budgetEvents } from "#domain/usage/budget-event.ts";
import { sumsOfEntries } from "#domain/usage/sum.ts";
import { sampleServices } from "#test/helpers/services.ts";
import { noon, sampleSetup } from "#test/helpers/setup.ts";
import { sampleEntry } from "#test/helpers/usage.ts";

type Name = keyof typeof eventSchemas;

const setup = sampleSetup({
  tenant: {
    limits: { maxActive: 3 },
    events: { started: true },
    monitoringConfiguration: { s3MonitoringConfiguration: { logUri: "s3://logs/acme/" } },
  },
});
const spark = { jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/acme/report.py" } } };

/** Events of every kind and of every end, as services in memory publish them. */
const publishedEvents = async (): Promise<PublishedEvent[]> => {
  const services = sampleServices(setup);
  const send = async (id: string, document: object) =>
    await submitJob(services, {
      setup,
      door: "queue",
      caller: "sender:AIDAACME",
      parsed: parseJobRequest(document),
      text: JSON.stringify(document),
      fallback: { kind: "delivery", id },
    });
  const end = async (run: number, changes: object) => {
    const jobRunId = `00mem${String(run).padStart(11, "0")}`;
    services.jobRuns.change(jobRunId, { endedAt: noon, startedAt: noon, ...changes });
    await completeJobRun(services, { applicationId: "00f1abc", jobRunId });
  };
  await send("one", { ...spark, requestId: "nightly" });
  await send("two", { jobTemplate: "nightly", parameters: { date: "2026-11-21" } });
  await send("three", { ...spark, tags: { team: "sales" } });
  await send("four", spark);
  await cancelSubmission(services, services.submissions.all().find(({ state }) => state === "waiting")!);
  const hours = { vCPUHour: 1.5, memoryGBHour: 3, storageGBHour: 0 };
  await end(1, {
    state: "SUCCESS",
    attempt: 1,
    updatedAt: noon,
    totalResourceUtilization: hours,
    billedResourceUtilization: hours,
  });
  await end(2, { state: "FAILED", stateDetails: "The driver exited with 1", totalExecutionDurationSeconds: 12 });
  await end(3, { state: "CANCELLED", queuedDurationMilliseconds: 5 });
  services.jobRuns.change("00mem00000000002", { billedResourceUtilization: hours });
  services.clock.pass(60_000);
  await sweep(services, services.later(10_000));
  await send("five", { ...spark, colour: "red", executionTimeoutMinutes: 1 });
  const budget = { monthly: "100.00", currency: "USD", softShare: 0.8 };
  const sums = sumsOfEntries([sampleEntry({ cost: { amount: "120.5", currency: "USD" } })]);
  const budgets = budgetEvents("acme", budgetVerdict(budget, "2026-11", sums), noon);
  return [...services.events.published.map(({ event }) => event), ...budgets];
};

const jsonSchemas = new Map(schemaFiles().map(({ name, text }) => [name, z.fromJSONSchema(JSON.parse(text))]));

/** The file of a type: "sluice.submission.completed.v1" is described by "submission-completed.v1.json". */
const fileOf = (type: string): string => {
  const [, about, what, version] = /^sluice\.([a-z]+)\.([a-z-]+)\.(v\d+)$/.exec(type) ?? [];
  return `${about}-${what}.${version}.json`;
};

const jsonSchemaOf = ({ detail: { type } }: PublishedEvent) => {
  const schema = jsonSchemas.get(fileOf(type));
  if (schema === undefined) throw new Error(`There is no schema of ${type}`);
  return schema;
};

/** What a consumer gets: JSON. */
const received = ({ detail }: PublishedEvent): unknown => JSON.parse(JSON.stringify(detail));

let events: PublishedEvent[] = [];
beforeAll(async () => {
  events = await publishedEvents();
});

test("what is published is what the schemas say, and nothing more", () => {
  const kinds = events.map(
    ({ detailType, detail }) => `${detailType} ${(detail.data as { reason?: string }).reason ?? ""}`,
  );
  expect(kinds.map((kind) => kind.trim()).sort()).toEqual([
    "Budget Exceeded",
    "Budget Warning",
    "Submission Completed CANCELLED_BY_TENANT",
    "Submission Completed CANCELLED_ELSEWHERE",
    "Submission Completed FAILED",
    "Submission Completed SUCCEEDED",
    "Submission Cost Updated FAILED",
    "Submission Refused",
    "Submission Started",
    "Submission Started",
    "Submission Started",
  ]);
  for (const event of events) {
    const schema = eventSchemas[event.detailType as Name];
    expect(z.safeParse(schema, received(event)).error?.issues ?? [], event.detail.id).toEqual([]);
    expect(jsonSchemaOf(event).safeParse(received(event)).error?.issues ?? [], event.detail.id).toEqual([]);
  }
});

/** Every place of a document, as the keys that lead there. */
const pathsIn = (value: unknown, path: string[] = []): string[][] =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([key, inner]) => [[...path, key], ...pathsIn(inner, [...path, key])]);

const parentOf = (document: unknown, path: readonly string[]): object =>
  path.slice(0, -1).reduce<object>((value, key) => Reflect.get(value, key), Object(document));

/** A document with one change at a path. */
const changed = (
  document: unknown,
  path: readonly string[],
  change: (parent: object, key: string) => void,
): unknown => {
  const copy = structuredClone(document);
  change(parentOf(copy, path), path.at(-1) ?? "");
  return copy;
};

const changes: Readonly<Record<string, (parent: object, key: string) => void>> = {
  "is left out": (parent, key) => void Reflect.deleteProperty(parent, key),
  "is of another type": (parent, key) =>
    void Reflect.set(parent, key, typeof Reflect.get(parent, key) === "string" ? 1 : "text"),
  "is an empty text": (parent, key) => void Reflect.set(parent, key, ""),
  "is a number below zero": (parent, key) => void Reflect.set(parent, key, -1.5),
};

describe("schemas/ and the schemas of the code agree", () => {
  test.each(Object.keys(changes))("on an event of which any one field %s", (name) => {
    let refused = 0;
    for (const event of events) {
      const document = received(event);
      for (const path of pathsIn(document)) {
        const other = changed(document, path, changes[name]!);
        const byCode = z.safeParse(eventSchemas[event.detailType as Name], other).success;
        expect(jsonSchemaOf(event).safeParse(other).success, `${event.detail.id} ${path.join("/")}`).toBe(byCode);
        if (!byCode) refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(50);
  });

  test("but on a field that is new: who reads events must not mind, and the code must not publish it", () => {
    for (const event of events) {
      const other = { ...Object(received(event)), colour: "red" };
      expect(jsonSchemaOf(event).safeParse(other).success).toBe(true);
      expect(z.safeParse(eventSchemas[event.detailType as Name], other).success).toBe(false);
    }
  });
});

test("there is a file for every event, and an event for every such file", () => {
  const named = Object.values(eventSchemas).map(({ shape }) => fileOf(shape.type.def.values[0] ?? ""));
  const files = schemaFiles().flatMap(({ name }) => (/\.v\d+\.json$/.test(name) ? [name] : []));
  expect(files.sort()).toEqual(named.sort());
});
