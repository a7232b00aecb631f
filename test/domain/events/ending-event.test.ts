import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { listPrices } from "#domain/cost/list-prices.ts";
import { completedEvent, refusedEvent } from "#domain/events/ending-event.ts";
import type { Submission } from "#domain/submission/submission.ts";
import { noon } from "#test/helpers/setup.ts";

const digest = (text: string): string => createHash("sha256").update(text).digest("base64url");

const refused = {
  submissionId: "req.abc",
  tenantId: "acme",
  door: "queue",
  caller: "sender:AROA1:acme",
  jobTemplate: "nightly",
  fingerprint: "f1",
  acceptedAt: noon,
  state: "refused",
  refusal: { code: "ERR_JOB_NOT_ALLOWED", message: "Cannot submit the job request", faults: [] },
} as const satisfies Submission;

test("refusedEvent() is a CloudEvents document with the problem that an HTTP caller would have got", () => {
  expect(refusedEvent(refused)).toStrictEqual({
    detailType: "Submission Refused",
    time: noon,
    resources: [],
    detail: {
      specversion: "1.0",
      id: `req.abc/refused/f1/${noon}`,
      source: "sluice",
      type: "sluice.submission.refused.v1",
      subject: "req.abc",
      time: noon,
      sequence: "00000012",
      datacontenttype: "application/json",
      data: {
        tenantId: "acme",
        submissionId: "req.abc",
        door: "queue",
        caller: "sender:AROA1:acme",
        jobTemplate: "nightly",
        acceptedAt: noon,
        problem: {
          type: "docs/errors.md#err_job_not_allowed",
          title: "The tenant's rules do not allow this job",
          status: 403,
          detail: "Cannot submit the job request",
          code: "ERR_JOB_NOT_ALLOWED",
          retryable: false,
          errors: [],
        },
      },
    },
  });
});

test("completedEvent() refuses a submission that has not ended", () => {
  const { refusal: _refusal, ...started } = refused;
  expect(() => completedEvent({ ...started, state: "started" }, { digest, prices: listPrices })).toThrow(
    "Submission req.abc has not ended, this is a bug",
  );
});
