import middy from "@middy/core";
import { ServiceError } from "#domain/errors.ts";
import { parseJobRequest } from "#domain/request/job-request.ts";
import { submitJob } from "#domain/submission/submit-job.ts";
import { proveTenant, subjectOf } from "#domain/tenant/prove-tenant.ts";
import { type DoorServices, errorRecord, outcomeRecord } from "./door.ts";
import { createdAnswer, foundAnswer, type HttpAnswer, methodAnswer, problemAnswer } from "./http-answer.ts";
import { bodyOf } from "./http-body.ts";
import { callerProofs } from "./http-caller.ts";
import { basePathOf, type HttpEvent, type HttpRequest, httpRequestOf, routeOf } from "./http-event.ts";
import { type OutsideRequestId, outsideRequestId, withFault } from "./request-id.ts";

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
const idempotencyKey = ({ headers }: HttpRequest): OutsideRequestId => {
  const raw = headers["idempotency-key"]?.trim();
  const quoted = /^"(.*)"$/.exec(raw ?? "")?.[1];
  return outsideRequestId(["Idempotency-Key"], quoted?.replaceAll(/\\(["\\])/g, "$1") ?? raw);
};

/** The caller is proved before the body is looked at: a stranger learns nothing of what a job request is. */
const post = async (door: DoorServices, request: HttpRequest, event: HttpEvent): Promise<HttpAnswer> => {
  const { services, log } = door;
  const { setup, proof } = await provenCaller(door, request);
  const outside = idempotencyKey(request);
  const delivery = {
    setup,
    door: "http",
    caller: subjectOf(proof),
    parsed: withFault(parseJobRequest(await bodyOf(event, request)), outside),
    text: "",
    requestId: outside.requestId,
    fallback: { kind: "none", newId: services.newId() },
  } as const;
  const outcome = await submitJob(services, delivery);
  log.info("submission", { door: "http", ...outcomeRecord(delivery, outcome) });
  const { submission } = outcome;
  if (outcome.verdict === "started") return createdAnswer(outcome.submission, outcome.repeat, basePathOf(request));
  return problemAnswer(outcome.error, submission === undefined ? {} : { submissionId: submission.submissionId });
};

/** What a submission id can look like: anything else names none, and no ledger has to be asked. */
const possibleId = /^[A-Za-z0-9._-]{1,64}$/;

const get = async (door: DoorServices, request: HttpRequest, submissionId: string): Promise<HttpAnswer> => {
  const { setup } = await provenCaller(door, request);
  const submission = possibleId.test(submissionId) ? await door.services.submissions.get(submissionId) : undefined;
  if (submission?.tenantId === setup.tenant.tenantId) return foundAnswer(submission);
  // Another tenant's submission answers like one that does not exist: nobody can probe for ids.
  throw new ServiceError(
    "ERR_SUBMISSION_NOT_FOUND",
    "Cannot find the submission: no submission of this tenant has this id",
  );
};

const answer = async (door: DoorServices, event: HttpEvent): Promise<HttpAnswer> => {
  const request = httpRequestOf(event);
  if (request === undefined) {
    throw new Error("Cannot read the event: it is not an HTTP request of API Gateway or a function URL");
  }
  const route = routeOf(request.path);
  if (route === undefined)
    throw new ServiceError("ERR_ROUTE_NOT_FOUND", "Cannot find the route: the API is at /v1/submissions");
  if (request.method !== route.method) return methodAnswer(request.method, route.method);
  return route.submissionId === undefined
    ? await post(door, request, event)
    : await get(door, request, route.submissionId);
};

/** Answers errors as problem documents. An event that is no HTTP request has nobody to answer: its error is thrown. */
const answeredErrors = ({ log }: DoorServices): middy.MiddlewareObj<HttpEvent, HttpAnswer> => ({
  onError: (request) => {
    const { error, event } = request;
    if (error instanceof ServiceError) log.info("refused", { door: "http", ...errorRecord(error) });
    else log.error("failed", { door: "http", ...errorRecord(error) });
    if (httpRequestOf(event) !== undefined) request.response = problemAnswer(error);
  },
});

/** The http door: `POST /v1/submissions` and `GET /v1/submissions/{id}`. */
export const httpHandler = (door: DoorServices) =>
  middy<HttpEvent, HttpAnswer>()
    .use(answeredErrors(door))
    .handler(async (event) => await answer(door, event));
