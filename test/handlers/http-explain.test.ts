import { describe, expect, test } from "vitest";
import { proved } from "#test/helpers/setup.ts";
import { call, doors, startedFor } from "./doors.ts";
import { httpApiEvent, jwtOf, nightly } from "./http-events.ts";
import { acme, globex, ofGlobex } from "./tenants.ts";

const explain = (own = {}) => httpApiEvent({ path: "/v1/submissions/explain", body: nightly, ...own });
const keyed = (key: string) => ({ headers: { "idempotency-key": key } });

const withoutTemplates = { ...acme, jobTemplates: [] };

describe("httpHandler() explains a job request", () => {
  test("with the input that a submission of it is started with, and stores and starts nothing", async () => {
    const parts = doors({ config: { region: "us-east-1" } });
    const { statusCode, json } = await call(parts, explain(keyed("k")));
    expect({ statusCode, verdict: json.verdict }).toEqual({ statusCode: 200, verdict: "starts" });
    expect(startedFor(parts)).toEqual([]);
    expect(await parts.submissions.get(json.submissionId)).toBeUndefined();
    expect(await parts.starts.line("acme")).toMatchObject({ active: [], waiting: 0 });
    expect(parts.starts.letThrough).toEqual([]);
    expect({ wakes: parts.wakes, events: parts.events.published }).toEqual({ wakes: [], events: [] });

    await call(parts, httpApiEvent({ body: nightly, ...keyed("k") }));
    expect(parts.jobRuns.started).toEqual([json.input]);
  });

  test("with all that it needs, and how it stands", async () => {
    const { json } = await call(doors(), explain());
    expect(json.verdicts).toEqual({
      slot: { verdict: "free", active: 0, maxActive: acme.tenant.limits.maxActive },
      rate: { verdict: "free", nextAt: "2026-11-22T12:00:00.000Z" },
      line: { verdict: "free", waiting: 0, maxWaiting: acme.tenant.limits.maxWaiting },
      starts: { verdict: "allowed" },
      proof: expect.objectContaining({ verdict: "proved", proofId: acme.proof?.proofId }),
      policySize: { verdict: "fits", characters: json.executionPolicy.characters, managedCharacters: 0, limit: 2048 },
    });
    expect(json.values.every(({ source, rule }: Record<string, unknown>) => source && rule)).toBe(true);
  });

  test("that would wait: for a slot, for the account's rate, or because starts are suspended", async () => {
    const parts = doors();
    await parts.starts.takeTokens("StartJobRun", 25, "door");
    expect((await call(parts, explain())).json).toMatchObject({ verdict: "waits", waitingFor: "account-rate" });
    const { maxActive } = acme.tenant.limits;
    const slots = Array.from({ length: maxActive }, (_, index) => `s${index}`);
    await parts.starts.enter("acme", slots, maxActive);
    expect((await call(parts, explain())).json).toMatchObject({ verdict: "waits", waitingFor: "tenant-slots" });
    await parts.starts.suspend("acme", "moving house");
    expect((await call(parts, explain())).json).toMatchObject({
      verdict: "waits",
      waitingFor: "tenant-suspended",
      verdicts: { starts: { verdict: "suspended", message: "moving house" } },
    });
  });

  test("whose line is full", async () => {
    const parts = doors();
    await parts.starts.suspend("acme", "moving house");
    await parts.starts.queueUp("acme", acme.tenant.limits.maxWaiting, acme.tenant.limits.maxWaiting);
    const { statusCode, json } = await call(parts, explain());
    expect(statusCode).toBe(200);
    expect(json).toMatchObject({ verdict: "refused", problem: { code: "ERR_TENANT_BUSY", retryable: true } });
  });

  test("that would be refused, with the problem that its submission is answered with", async () => {
    const parts = doors();
    const wrong = { ...nightly, mode: "STREAMING", executionTimeoutMinutes: 1_000_000 };
    const { statusCode, json } = await call(parts, explain({ body: wrong }));
    const { json: refused } = await call(parts, httpApiEvent({ body: wrong }));
    const { requestId: _id, ...problem } = refused;
    expect({ statusCode, verdict: json.verdict, problem: json.problem }).toEqual({
      statusCode: 200,
      verdict: "refused",
      problem,
    });
    expect(json).not.toHaveProperty("input");
  });

  test("that is no job request: every fault is told as data", async () => {
    const { statusCode, json } = await call(doors(), explain({ body: { jobTemplate: 7, unknown: 1 } }));
    expect({ statusCode, code: json.problem.code }).toEqual({ statusCode: 200, code: "ERR_JOB_REQUEST_INVALID" });
    expect(json.problem.errors).toHaveLength(2);
  });

  test("with the proof of its execution policy, also where it would be refused for something else", async () => {
    const proof = {
      verdict: "proved",
      proofId: acme.proof?.proofId,
      policyTemplate: acme.policyTemplate.name,
      territory: ["arn:aws:s3:::data/acme/*"],
      shared: [],
      managedPolicyArns: [],
      acknowledged: [],
    };
    expect((await call(doors(), explain())).json.verdicts.proof).toEqual(proof);
    const refused = (await call(doors(), explain({ body: { ...nightly, mode: "STREAMING" } }))).json;
    expect(refused).toMatchObject({ verdict: "refused", verdicts: { proof } });
  });

  test("with the size of its policies, which a tenant that was applied under other rules may exceed", async () => {
    const arn = "arn:aws:iam::111122223333:policy/read";
    const document = (length: number) => ({ Version: "2012-10-17", Statement: [], Id: "x".repeat(length) });
    const sizeWith = async (length: number) => {
      const { proof: _none, ...setup } = acme;
      const policy = { ...acme.tenant.policy, managedPolicyArns: [arn] };
      const own = {
        ...setup,
        tenant: { ...setup.tenant, policy },
        managedPolicies: [{ arn, document: document(length) }],
      };
      return (await call(doors({ tenants: [proved(own)] }), explain())).json;
    };
    const { characters } = (await call(doors(), explain())).json.executionPolicy;
    const taken = JSON.stringify(document(0)).length;
    const [full, over] = [await sizeWith(2048 - characters - taken), await sizeWith(2049 - characters - taken)];
    expect(full).toMatchObject({
      verdicts: { policySize: { verdict: "fits", managedCharacters: 2048 - characters } },
      executionPolicy: { left: 0, managedPolicyArns: [arn] },
    });
    expect(over).toMatchObject({ verdicts: { policySize: { verdict: "exceeds" } }, executionPolicy: { left: -1 } });
  });

  test("with the reason why its execution policy is not proved", async () => {
    const { proof: _none, ...unproved } = acme;
    const { json } = await call(doors({ tenants: [unproved] }), explain());
    expect(json).toMatchObject({
      verdict: "refused",
      problem: { code: "ERR_EXECUTION_POLICY" },
      verdicts: {
        proof: {
          verdict: "not-proved",
          message: expect.stringContaining(
            'must be the policy that was proved of tenant "acme": apply the tenants again',
          ),
        },
      },
    });
  });

  test("whose request id is used: by the same job request, or by another one", async () => {
    const parts = doors();
    const { json: first } = await call(parts, httpApiEvent({ body: nightly, ...keyed("k") }));
    expect((await call(parts, explain(keyed("k")))).json).toMatchObject({
      verdict: "repeat",
      first: { submissionId: first.submissionId, state: "started" },
    });
    const other = { ...nightly, parameters: { ...nightly.parameters, date: "2026-11-20" } };
    expect((await call(parts, explain({ body: other, ...keyed("k") }))).json).toMatchObject({
      verdict: "refused",
      problem: { code: "ERR_SUBMISSION_CONFLICT" },
    });
  });

  test("that was started, and whose tenant's rules would refuse it by now: it is a repeat all the same", async () => {
    const parts = doors();
    await call(parts, httpApiEvent({ body: nightly, ...keyed("k") }));
    const narrowed = doors({ services: { submissions: parts.submissions }, tenants: [withoutTemplates] });
    const { json } = await call(narrowed, explain(keyed("k")));
    expect(json).toMatchObject({ verdict: "repeat" });
    expect(json).not.toHaveProperty("problem");
  });

  test("to its proven tenant only, and to nobody else", async () => {
    const { json } = await call(doors(), explain({ authorizer: jwtOf(ofGlobex.client) }));
    expect(json.tenantId).toBe(globex.tenant.tenantId);
    expect((await call(doors(), explain({ authorizer: jwtOf("nobody") }))).statusCode).toBe(403);
  });

  test("and never echoes a task token", async () => {
    const parts = doors();
    const answer = await call(parts, explain({ body: { ...nightly, notify: { taskToken: "AQCkAAAAKgAAAAMAAAAA" } } }));
    expect(answer.json).toMatchObject({ verdict: "starts" });
    const refused = await call(parts, explain({ body: { notify: { taskToken: "AQCkAAAAKgAAAAMAAAAA" } } }));
    expect(refused.json).toMatchObject({ verdict: "refused" });
    expect(JSON.stringify([answer, refused, parts.log.records])).not.toContain("AQCkAAAA");
  });

  test("by POST alone", async () => {
    const answer = await call(doors(), explain({ method: "GET" }));
    expect(answer).toMatchObject({ statusCode: 405, headers: { allow: "POST" } });
  });

  test("and logs ids and the verdict, no arguments", async () => {
    const parts = doors();
    await call(parts, explain());
    expect(parts.log.records).toMatchObject([{ message: "explained", verdict: "starts", tenantId: "acme" }]);
    expect(JSON.stringify(parts.log.records)).not.toContain("2026-11-19");
  });
});
