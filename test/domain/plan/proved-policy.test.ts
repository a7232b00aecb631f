import { describe, expect, test } from "vitest";
import { isProved, provedPolicy } from "#domain/plan/proved-policy.ts";
import {
  acmePolicy,
  adHocRequest,
  planOf,
  proved,
  refusalOf,
  samplePolicyTemplate,
  sampleSetup,
} from "#test/helpers/setup.ts";

const job = { submissionId: "req.abc", applicationId: "00f1abc" };

const perJob = {
  document: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "s3:GetObject",
        Resource: "arn:aws:s3:::{{variables.bucket}}/{{tenant.id}}/{{submission.id}}/{{ application.id }}/*",
      },
    ],
  },
};

describe("provedPolicy()", () => {
  test("renders what was proved, with the id of the proof", () => {
    const setup = sampleSetup();
    expect(provedPolicy(setup, job)).toMatchObject({
      verdict: "proved",
      executionIamPolicy: { policy: acmePolicy },
      proofId: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  test("puts in what only the job knows", () => {
    const found = provedPolicy(sampleSetup({ policyTemplate: perJob }), job);
    expect(JSON.stringify(found)).toContain("arn:aws:s3:::data/acme/req.abc/00f1abc/*");
  });

  test.each([
    ["has no proof", { proof: undefined }],
    ["has another template than was proved", { policyTemplate: samplePolicyTemplate({ document: perJob.document }) }],
    ["has other values than were proved", { tenant: sampleSetup({ tenant: { tenantId: "globex" } }).tenant }],
  ])("refuses a tenant that %s", (_what, own) => {
    const { proof, ...setup } = sampleSetup();
    const changed = { ...setup, ...("proof" in own ? {} : proof && { proof }), ...own };
    const { proof: _none, ...without } = changed;
    expect(provedPolicy(changed.proof === undefined ? without : changed, job)).toEqual({
      verdict: "refused",
      faults: [expect.objectContaining({ pointer: "/policy", message: expect.stringContaining("that was proved") })],
    });
  });

  test("refuses the job request, with the tenant named", () => {
    const { proof: _none, ...setup } = sampleSetup();
    const refusal = refusalOf(adHocRequest(), setup);
    expect(refusal.code).toBe("ERR_EXECUTION_POLICY");
    expect(refusal.message).toContain('must be the policy that was proved of tenant "acme": apply the tenants again');
  });

  test("gives a plan the id of its proof", () => {
    const setup = sampleSetup();
    expect(planOf(adHocRequest(), setup)).toMatchObject({ verdict: "planned", proofId: setup.proof?.proofId });
  });
});

describe("isProved()", () => {
  const { proof } = proved(sampleSetup({ policyTemplate: perJob }));
  if (proof === undefined) throw new Error("the sample has no proof");
  const policy = proof.policy
    .replace("{{submission.id}}", job.submissionId)
    .replace("{{application.id}}", job.applicationId);

  test("takes the very text that was proved, with the job's ids", () => {
    expect(isProved(proof, { policy }, job)).toBe(true);
  });

  test.each([
    ["another text", { policy: policy.replace("acme", "acm*") }, job],
    ["another job's ids", { policy }, { ...job, submissionId: "req.other" }],
    ["a managed policy that was not proved", { policy, policyArns: ["arn:aws:iam::aws:policy/X"] }, job],
  ])("takes not %s", (_what, given, ids) => {
    expect(isProved(proof, given, ids)).toBe(false);
  });

  test.each(["*", "a/b", "a?", "${aws:userid}", ""])(
    "takes no submission id that could be read as a pattern: %s",
    (id) => {
      const text = proof.policy.replace("{{submission.id}}", id).replace("{{application.id}}", job.applicationId);
      expect(isProved(proof, { policy: text }, { ...job, submissionId: id })).toBe(false);
    },
  );
});
