import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { errorTable, ServiceError } from "#domain/errors.ts";
import { problemOf } from "#domain/problem.ts";
import type { Outcome } from "#domain/submission/outcome.ts";
import type { Place } from "#domain/submission/place.ts";
import type { Submission } from "#domain/submission/submission.ts";
import { submissionView } from "#domain/submission/submission-view.ts";

export type HttpAnswer = APIGatewayProxyStructuredResultV2;

const json = (statusCode: number, contentType: string, headers: Record<string, string>, body: unknown): HttpAnswer => ({
  statusCode,
  headers: { "content-type": contentType, "cache-control": "no-store", ...headers },
  body: JSON.stringify(body),
});

const locationOf = (submissionId: string, basePath: string): string =>
  `${basePath}/v1/submissions/${encodeURIComponent(submissionId)}`;

const statusOf = (verdict: "started" | "accepted", { state }: Submission): number => {
  if (state === "cancelled") return 200;
  return verdict === "started" ? 201 : 202;
};

/** A submission, and where it waits, its place: why it waits now, which is in both, may be another reason than at first. */
const shown = (submission: Submission, place: Place | undefined) => ({
  ...submissionView(submission),
  ...(place !== undefined && { waitingFor: place.waitingFor, place }),
});

/**
 * 201 where the job run exists, 202 where the submission waits for its turn or its start is not confirmed yet: either
 * way it was accepted and need not be sent again. A repeat gets the first submission again and can tell by the header;
 * where the first one was cancelled there is no job run, and none will come of it: 200.
 */
export const acceptedAnswer = (
  { verdict, submission, repeat }: Exclude<Outcome, { verdict: "refused" | "failed" }>,
  place: Place | undefined,
  basePath: string,
): HttpAnswer =>
  json(
    statusOf(verdict, submission),
    "application/json",
    {
      location: locationOf(submission.submissionId, basePath),
      ...(verdict === "accepted" && { "retry-after": "5" }),
      ...(repeat && { "idempotent-replayed": "true" }),
    },
    shown(submission, place),
  );

export const foundAnswer = (submission: Submission, place?: Place): HttpAnswer =>
  json(200, "application/json", {}, shown(submission, place));

export const documentAnswer = (document: object): HttpAnswer => json(200, "application/json", {}, document);
/** The job run ends in its time: whoever asks again sees how. */
export const cancellingAnswer = (submission: Submission): HttpAnswer =>
  json(202, "application/json", { "retry-after": "5" }, submissionView(submission));

/** What a problem document says besides the error. */
export interface About {
  /** What the caller can quote: the logs have it in every line of the request. */
  readonly requestId: string;
  readonly basePath: string;
  /** The submission that the problem left behind, where there is one: the caller can follow it. */
  readonly submissionId?: string | undefined;
  /** What the route takes, which a 405 must say (RFC 9110, 15.5.6). */
  readonly allow?: string | undefined;
}

/** An error as RFC 9457 problem document. What is not a ServiceError is a bug: its text stays inside. */
export const problemAnswer = (error: unknown, { requestId, basePath, submissionId, allow }: About): HttpAnswer => {
  const ids = { ...(submissionId !== undefined && { submissionId }), requestId };
  const place = submissionId === undefined ? {} : { location: locationOf(submissionId, basePath) };
  if (!(error instanceof ServiceError)) {
    const problem = { type: "about:blank", title: "Internal Server Error", status: 500, retryable: true };
    return json(500, "application/problem+json", place, { ...problem, ...ids });
  }
  const { status } = errorTable[error.code];
  const retryAfter = error.retryAfterSeconds ?? (status === 429 || status === 503 ? 5 : undefined);
  const headers = {
    ...place,
    ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
    ...(allow !== undefined && { allow }),
  };
  return json(status, "application/problem+json", headers, { ...problemOf(error), ...ids });
};
