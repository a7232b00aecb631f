import { describe, expect, test } from "vitest";
import { ServiceError } from "#domain/errors.ts";
import { type PacedApi, paced, takeForPage, withToken } from "#domain/turns/paced.ts";
import { awsRates, pacedRate } from "#domain/turns/token-bucket.ts";
import { sampleServices } from "#test/helpers/services.ts";

const apis: readonly PacedApi[] = ["GetJobRun", "ListJobRuns", "CancelJobRun"];

const answer = async (): Promise<string> => "answer";
const throttled = new ServiceError("ERR_EMR_BUSY", "Cannot read job run: throttled by EMR Serverless");

describe("paced()", () => {
  test.each(apis)("calls %s as often as its own bucket has tokens, and then not at all", async (api) => {
    const services = sampleServices();
    let calls = 0;
    const count = async () => {
      calls += 1;
    };
    for (let call = 0; call < pacedRate(awsRates[api]).burst; call += 1) await paced(services, api, count);
    await expect(paced(services, api, count)).rejects.toMatchObject({
      code: "ERR_EMR_BUSY",
      kind: "busy",
      message: expect.stringContaining(`Cannot call ${api}`),
      retryAfterSeconds: 2,
    });
    expect(calls).toBe(pacedRate(awsRates[api]).burst);
    services.clock.pass(2000);
    await paced(services, api, count);
  });

  test("leaves the other APIs their tokens", async () => {
    const services = sampleServices();
    await takeForPage(services, "ListJobRuns", 100);
    await expect(paced(services, "ListJobRuns", answer)).rejects.toThrow("Cannot call ListJobRuns");
    expect(await paced(services, "GetJobRun", answer)).toBe("answer");
    expect(await services.starts.takeTokens("StartJobRun", 25, "door")).toMatchObject({ taken: 24 });
  });

  test("takes the bucket for empty where AWS throttles all the same", async () => {
    const services = sampleServices();
    const call = () => Promise.reject(throttled);
    await expect(paced(services, "GetJobRun", call)).rejects.toBe(throttled);
    await expect(paced(services, "GetJobRun", answer)).rejects.toThrow("the account's rate is used up");
    services.clock.pass(100);
    expect(await paced(services, "GetJobRun", answer)).toBe("answer");
  });

  test("takes no other failure for a throttle", async () => {
    const services = sampleServices();
    const down = new ServiceError("ERR_EMR_DOWN", "Cannot read job run: no answer");
    await expect(paced(services, "GetJobRun", () => Promise.reject(down))).rejects.toBe(down);
    expect(await services.starts.takeTokens("GetJobRun", 50, "dispatcher")).toMatchObject({ taken: 39 });
  });
});

describe("takeForPage()", () => {
  test("takes what is there for a page of work, whose calls take no more", async () => {
    const services = sampleServices();
    expect(await takeForPage(services, "GetJobRun", 30)).toBe(30);
    expect(await takeForPage(services, "GetJobRun", 30)).toBe(10);
    expect(await withToken(services, "GetJobRun", answer)).toBe("answer");
    await expect(takeForPage(services, "GetJobRun", 30)).rejects.toMatchObject({ code: "ERR_EMR_BUSY" });
  });
});
