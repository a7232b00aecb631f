import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataOf, endOf, startWorld, type World } from "./local-world.ts";

let world: World;

beforeAll(async () => {
  world = await startWorld({ scheduleMs: 200 });
  world.local.emr.faults.eventChances({ lose: 1 });
});
afterAll(async () => await world.local.end());

/** A job that goes on for so long on the embedded EMR Serverless. */
const job = (name: string, durationMs: number) => ({
  name,
  jobDriver: {
    sparkSubmit: {
      entryPoint: `s3://acme-jobs/${name}.py`,
      sparkSubmitParameters: `--conf spark.sluice.local.durationMs=${durationMs}`,
    },
  },
});

const submit = async (name: string, durationMs = 200): Promise<string> => {
  const { status, body } = await world.request("POST", "/v1/submissions", "acme", job(name, durationMs));
  expect(status).toBe(201);
  return String(body["submissionId"]);
};

/** How often the end of a submission was published. */
const told = (submissionId: string): number => world.all.filter(endOf(submissionId)).length;

describe("with every event of EMR Serverless lost", () => {
  it("every completion still comes, once, with its cost", async () => {
    const ids = await Promise.all(["one", "two", "three"].map(async (name) => await submit(name)));
    for (const submissionId of ids) {
      const end = await world.published(endOf(submissionId));
      expect(end["detail-type"]).toBe("Submission Completed");
      expect(end.detail["id"]).toBe(`${submissionId}/completed`);
      expect(dataOf(end)).toMatchObject({
        tenantId: "acme",
        outcome: "SUCCESS",
        reason: "SUCCEEDED",
        cost: { amount: expect.stringMatching(/^\d+\.\d{6}$/), currency: "USD", estimate: true },
        jobRun: { state: "SUCCESS" },
      });
      expect(told(submissionId)).toBe(1);
      const { body } = await world.request("GET", `/v1/submissions/${submissionId}`, "acme");
      expect(body).toMatchObject({ state: "completed", reason: "SUCCEEDED" });
    }
  });

  it("a started submission that is cancelled ends by its tenant's wish", async () => {
    const submissionId = await submit("unwanted", 3_600_000);
    const cancelled = await world.request("POST", `/v1/submissions/${submissionId}/cancel`, "acme");
    expect(cancelled.status).toBe(202);
    const end = await world.published(endOf(submissionId));
    expect(dataOf(end)).toMatchObject({ outcome: "CANCELLED", reason: "CANCELLED_BY_TENANT" });
  });
});
