import middy from "@middy/core";
import httpJsonBodyParser from "@middy/http-json-body-parser";
import { ServiceError } from "#domain/errors.ts";
import { faultAt } from "#domain/fault.ts";
import { parseJobRequest, refuseLarge } from "#domain/request/job-request.ts";
import { submitJob } from "#domain/submission/submit-job.ts";
import { proveTenant, subjectOf } from "#domain/tenant/prove-tenant.ts";
import { type DoorServices, errorRecord, outcomeRecord } from "./door.ts";
import { createdAnswer, foundAnswer, type HttpAnswer, problemAnswer } from "./http-answer.ts";
import { callerProofs } from "./http-caller.ts";
import { bodyBytes, type HttpEvent, type HttpRequest, httpRequestOf, routeOf } from "./http-event.ts";

type ParsedEvent = HttpEvent & { readonly rawBody?: string };

const provenCaller = async ({ services, config }: DoorServices, { requestContext }: HttpRequest) => {
  const proofs = callerProofs(requestContext, config);
  if (proofs.length === 0) {
    throw new ServiceError(
      "ERR_CALLER_UNPROVEN",
      "Cannot tell the caller: the request carries no identity that API Gateway proved",
    );
  }
  return await proveTenant(services.tenants, proofs);
};

/** The Idempotency-Key header: a structured-field string in quotes by the IETF draft; bare values are taken too. */
const idempotencyKey = ({ headers }: HttpRequest): string | undefined => {
  const raw = headers["idempotency-key"]?.trim();
  if (raw === undefined) return undefined;
  const quoted = /^"(.*)"$/.exec(raw);
  const key = quoted === null ? raw : (quoted[1] ?? "").replaceAll(/\\(["\\])/g, "$1");
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return key;
  const fault = faultAt(["Idempotency-Key"], raw, "1 to 255 printable ASCII characters");
  throw new ServiceError("ERR_JOB_REQUEST_INVALID", "Cannot use the Idempotency-Key header", { faults: [fault] });
};

const post = async (door: DoorServices, request: HttpRequest, event: ParsedEvent): Promise<HttpAnswer> => {
  const { services, log } = door;
  const { setup, proof } = await provenCaller(door, request);
  const outcome = await submitJob(services, {
    setup,
    door: "http",
    caller: subjectOf(proof),
    parsed: parseJobRequest(event.body),
    text: "",
    requestId: idempotencyKey(request),
    fallback: { kind: "none", newId: services.newId() },
  });
  log.info("submission", { door: "http", tenantId: setup.tenant.tenantId, ...outcomeRecord(outcome) });
  if (outcome.verdict === "started") return createdAnswer(outcome.submission, outcome.repeat);
  const { submission } = outcome;
  return problemAnswer(outcome.error, submission === undefined ? {} : { submissionId: submission.submissionId });
};

const get = async (door: DoorServices, request: HttpRequest, submissionId: string): Promise<HttpAnswer> => {
  const { setup } = await provenCaller(door, request);
  const submission = await door.services.submissions.get(submissionId);
  if (submission?.tenantId === setup.tenant.tenantId) return foundAnswer(submission);
  // Another tenant's submission answers like one that does not exist: nobody can probe for ids.
  throw new ServiceError(
    "ERR_SUBMISSION_NOT_FOUND",
    "Cannot find the submission: no submission of this tenant has this id",
  );
};

const route = async (door: DoorServices, request: HttpRequest, event: ParsedEvent): Promise<HttpAnswer> => {
  const found = routeOf(request.path);
  if (found === undefined)
    throw new ServiceError("ERR_ROUTE_NOT_FOUND", "Cannot find the route: the API is at /v1/submissions");
  const wanted = found.submissionId === undefined ? "POST" : "GET";
  if (request.method !== wanted) {
    throw new ServiceError("ERR_METHOD_NOT_ALLOWED", `Cannot ${request.method} here: the route takes ${wanted}`);
  }
  return found.submissionId === undefined
    ? await post(door, request, event)
    : await get(door, request, found.submissionId);
};

/** middy's parser errors in our words. Its cause holds the whole body, so it is not kept. */
const ownError = (error: unknown): unknown => {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  if (status === 415)
    return new ServiceError("ERR_CONTENT_TYPE", 'Cannot read the body: Content-Type must be "application/json"');
  if (status !== 422) return error;
  const faults = [{ pointer: "", message: "must be a JSON object" }];
  return new ServiceError("ERR_JOB_REQUEST_INVALID", "Cannot read the job request: the body must be JSON", { faults });
};

/** Lower-case headers for the parser, which reads one spelling only, and the size before anything is parsed. */
const prepared = (): middy.MiddlewareObj<HttpEvent, HttpAnswer> => ({
  before: ({ event }) => {
    const { headers } = httpRequestOf(event);
    Object.assign(event, { headers });
    const tooLarge = refuseLarge(bodyBytes(event));
    if (tooLarge !== undefined) throw tooLarge;
  },
});

/** @middy/http-json-body-parser where there is a body to parse: a GET has none, and a POST without one is refused with its faults. */
const parsedBody = (): middy.MiddlewareObj<HttpEvent, HttpAnswer> => {
  const parser = httpJsonBodyParser();
  return {
    before: async (request) => {
      if (request.event.body) await parser.before?.(request as never);
    },
  };
};

const answeredErrors = ({ log }: DoorServices): middy.MiddlewareObj<HttpEvent, HttpAnswer> => ({
  onError: (request) => {
    const error = ownError(request.error);
    if (error instanceof ServiceError) log.info("refused", { door: "http", ...errorRecord(error) });
    else log.error("failed", { door: "http", ...errorRecord(error) });
    request.response = problemAnswer(error);
  },
});

/** The http door: `POST /v1/submissions` and `GET /v1/submissions/{id}`. */
export const httpHandler = (door: DoorServices) =>
  middy<HttpEvent, HttpAnswer>()
    .use(answeredErrors(door))
    .use(prepared())
    .use(parsedBody())
    .handler(async (event) => await route(door, httpRequestOf(event), event));
