import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { errorTable, ServiceError } from "#domain/errors.ts";
import { problemOf } from "#domain/problem.ts";
import type { Submission } from "#domain/submission/submission.ts";
import { submissionView } from "#domain/submission/submission-view.ts";

export type HttpAnswer = APIGatewayProxyStructuredResultV2;

const json = (statusCode: number, contentType: string, headers: Record<string, string>, body: unknown): HttpAnswer => ({
  statusCode,
  headers: { "content-type": contentType, "cache-control": "no-store", ...headers },
  body: JSON.stringify(body),
});

/** 201 with the place of the submission. A repeat gets the first submission again and can tell by the header. */
export const createdAnswer = (submission: Submission, repeat: boolean, basePath: string): HttpAnswer =>
  json(
    201,
    "application/json",
    {
      location: `${basePath}/v1/submissions/${encodeURIComponent(submission.submissionId)}`,
      ...(repeat && { "idempotent-replayed": "true" }),
    },
    submissionView(submission),
  );

export const foundAnswer = (submission: Submission): HttpAnswer =>
  json(200, "application/json", {}, submissionView(submission));

/** An error as RFC 9457 problem document. What is not a ServiceError is a bug: its text stays inside. */
export const problemAnswer = (error: unknown, ids: Readonly<Record<string, string>> = {}): HttpAnswer => {
  if (!(error instanceof ServiceError)) {
    const problem = { type: "about:blank", title: "Internal Server Error", status: 500, retryable: true };
    return json(500, "application/problem+json", {}, problem);
  }
  const { status } = errorTable[error.code];
  const retryAfter = error.retryAfterSeconds ?? (status === 429 || status === 503 ? 5 : undefined);
  const headers = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
  return json(status, "application/problem+json", headers, { ...problemOf(error), ...ids });
};

/** 405, which must say what the route takes (RFC 9110, 15.5.6). */
export const methodAnswer = (method: string, allowed: string): HttpAnswer => {
  const answer = problemAnswer(
    new ServiceError("ERR_METHOD_NOT_ALLOWED", `Cannot ${method} here: the route takes ${allowed}`),
  );
  return { ...answer, headers: { ...answer.headers, allow: allowed } };
};
