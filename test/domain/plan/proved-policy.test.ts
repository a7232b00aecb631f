import fc from "fast-check";
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

describe("provedPolicy() sends the proved statements merged", () => {
  const resource = "arn:aws:s3:::{{variables.bucket}}/{{tenant.id}}";
  const statements = [
    { Sid: "Read", Effect: "Allow", Action: "s3:GetObject", Resource: `${resource}/*` },
    { Sid: "Write", Effect: "Allow", Action: ["s3:PutObject"], Resource: `${resource}/*` },
    { Sid: "Own", Effect: "Allow", Action: "s3:DeleteObject", Resource: `${resource}/{{ submission.id }}/*` },
  ];
  const setup = sampleSetup({ policyTemplate: { document: { Version: "2012-10-17", Statement: statements } } });

  test("under the Sid of the first, with the job's ids in them", () => {
    const found = provedPolicy(setup, job);
    if (found.verdict === "refused") throw new Error("the policy was refused");
    expect(JSON.parse(found.executionIamPolicy.policy).Statement).toEqual([
      { Sid: "Read", Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Resource: "arn:aws:s3:::data/acme/*" },
      { Sid: "Own", Effect: "Allow", Action: "s3:DeleteObject", Resource: "arn:aws:s3:::data/acme/req.abc/*" },
    ]);
  });

  test("and keeps what was proved as its template has it: each statement by its name, and the same as before there was merging", () => {
    const filled = JSON.stringify(setup.policyTemplate.document)
      .replaceAll("{{tenant.id}}", "acme")
      .replaceAll("{{variables.bucket}}", "data")
      .replaceAll("{{ submission.id }}", "{{submission.id}}");
    expect(setup.proof?.policy).toBe(filled);
  });

  test("and nothing that was not proved, merged or not", () => {
    const { proof } = setup;
    if (proof === undefined) throw new Error("the sample has no proof");
    const found = provedPolicy(setup, job);
    if (found.verdict === "refused") throw new Error("the policy was refused");
    const { policy } = found.executionIamPolicy;
    expect(isProved(proof, { policy }, job)).toBe(true);
    expect(isProved(proof, { policy: policy.replace('"s3:PutObject"', '"s3:PutObject","s3:*"') }, job)).toBe(false);
    const lesser = { ...proof, policy: proof.policy.replace("s3:PutObject", "s3:GetObjectTagging") };
    expect(isProved(lesser, { policy }, job)).toBe(false);
  });

  test("whatever its statements and its job's ids are", () => {
    const entry = fc.constantFrom(resource, `${resource}/{{submission.id}}`, `${resource}/{{ application.id }}`, "*");
    const action = fc.constantFrom("s3:GetObject", "s3:PutObject");
    const statement = fc.record({
      Effect: fc.constantFrom("Allow", "Deny"),
      Action: fc.array(action, { minLength: 1, maxLength: 2 }),
      Resource: fc.array(entry, { minLength: 1, maxLength: 2 }),
    });
    const ids = fc.record({
      submissionId: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/),
      applicationId: fc.stringMatching(/^[0-9a-z]{1,64}$/),
    });
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 4 }), ids, (Statement, own) => {
        const document = { Version: "2012-10-17", Statement };
        expect(provedPolicy(sampleSetup({ policyTemplate: { document } }), own).verdict).toBe("proved");
      }),
    );
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
