import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ServiceError } from "#domain/errors.ts";
import { parseJobRequest } from "#domain/request/job-request.ts";
import { rerunSubmission } from "#domain/submission/rerun-submission.ts";
import { submitJob } from "#domain/submission/submit-job.ts";
import { failingWith, type SampleServices, sampleServices } from "#test/helpers/services.ts";
import { adHocRequest, noon, sampleSetup } from "#test/helpers/setup.ts";

const caller = "iam:arn:aws:iam::111122223333:role/acme";

const submit = async (services: SampleServices, setup = sampleSetup(), document: object = adHocRequest()) =>
  await submitJob(services, {
    setup,
    door: "http",
    caller,
    parsed: parseJobRequest({ ...document, requestId: "n-1" }),
    text: JSON.stringify(document),
    fallback: { kind: "none", newId: "x" },
  });

describe("a tenant that asks to be told of its starts", () => {
  const setup = sampleSetup({ tenant: { events: { started: true } } });

  test("is told once the job run id is stored, and once", async () => {
    const services = sampleServices(setup);
    const { submission } = await submit(services, setup);
    await submit(services, setup);
    expect(services.events.published).toMatchObject([
      {
        event: {
          detailType: "Submission Started",
          detail: {
            id: `${submission?.submissionId}/started`,
            data: { tenantId: "acme", jobRunId: submission?.jobRunId, startedAt: noon, requestId: "n-1" },
          },
        },
      },
    ]);
    expect(services.submissions.all()[0]).toMatchObject({ state: "started" });
    expect(services.submissions.all()[0]).not.toHaveProperty("outbox");
  });

  test("is told later where the bus is away: the job runs, and the event is stored", async () => {
    const services = sampleServices(setup);
    const down = new ServiceError("ERR_EVENTS_DOWN", "Cannot publish the start: try again");
    const failing = { ...services, events: failingWith(services.events, "publish", () => down) };
    expect(await submit(failing, setup)).toMatchObject({ verdict: "started", error: { code: "ERR_EVENTS_DOWN" } });
    expect(services.submissions.all()[0]?.outbox?.started?.detailType).toBe("Submission Started");
  });

  test("is told of a re-run as well", async () => {
    const services = sampleServices(setup);
    const { submission: first } = await submit(services, setup);
    if (first === undefined) throw new Error("it was not submitted");
    await rerunSubmission(services, { setup, first, caller, requestId: "again" });
    expect(services.events.published).toHaveLength(2);
    expect(services.events.published[1]?.event.detail.data).toMatchObject({ rerunOf: first.submissionId });
  });
});

test("a tenant that does not ask is told of no start", async () => {
  const services = sampleServices();
  await submit(services);
  expect(services.events.published).toEqual([]);
});

test("the same parameters have the same digest, in whatever order they come, and a re-run has its first one's", async () => {
  const setup = sampleSetup();
  const sorted = createHash("sha256").update('{"date":"2026-11-21","rows":5}').digest("hex");
  for (const parameters of [
    { date: "2026-11-21", rows: 5 },
    { rows: 5, date: "2026-11-21" },
  ]) {
    const services = sampleServices(setup);
    const { submission: first } = await submit(services, setup, { jobTemplate: "nightly", parameters });
    expect(first?.parametersSha256).toBe(sorted);
    if (first === undefined) throw new Error("it was not submitted");
    const again = await rerunSubmission(services, { setup, first, caller, requestId: "again" });
    expect(again).toMatchObject({ submission: { parametersSha256: sorted } });
  }
});
