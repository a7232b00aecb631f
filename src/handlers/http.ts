import middy from "@middy/core";
import { ServiceError } from "#domain/errors.ts";
import { parseJobRequest, summary } from "#domain/request/job-request.ts";
import { taskTokenOf } from "#domain/request/notify.ts";
import { cancelSubmission } from "#domain/submission/cancel-submission.ts";
import type { Delivery } from "#domain/submission/delivery.ts";
import type { Outcome } from "#domain/submission/outcome.ts";
import { placeOf } from "#domain/submission/place.ts";
import { rerunSubmission } from "#domain/submission/rerun-submission.ts";
import { submitJob } from "#domain/submission/submit-job.ts";
import { proveTenant, subjectOf } from "#domain/tenant/prove-tenant.ts";
import type { Proof } from "#domain/tenant/tenant-setup.ts";
import { checkBudget } from "#domain/usage/check-budget.ts";
import { usageOf } from "#domain/usage/usage-of.ts";
import { type DoorServices, type Known, type LogRecord, outcomeRecord } from "./door.ts";
import { errorRecord, levelOf } from "./error-record.ts";
import {
  acceptedAnswer,
  cancellingAnswer,
  documentAnswer,
  foundAnswer,
  type HttpAnswer,
  problemAnswer,
} from "./http-answer.ts";
import { bodyOf } from "./http-body.ts";
import { callerProofs } from "./http-caller.ts";
import { basePathOf, type HttpEvent, type HttpRequest, httpRequestOf, routeOf } from "./http-event.ts";
import { loggedErrors } from "./logged-errors.ts";
import { type OutsideRequestId, outsideRequestId, withFault } from "./request-id.ts";
import { usageDays } from "./usage-query.ts";

/** One request on its way through the door. */
interface Exchange {
  readonly door: DoorServices;
  readonly event: HttpEvent;
  readonly request: HttpRequest;
  readonly proofs: readonly Proof[];
  /** What the caller can quote: API Gateway's id of the request, or else Lambda's. */
  readonly requestId: string;
  readonly known: Known & { allow?: string };
}

/** Ids of the request, for each of its lines in the log. */
const idsOf = ({ request: { method, apiRequestId } }: Exchange): LogRecord => ({ door: "http", method, apiRequestId });

const provenCaller = async ({ door, proofs, known }: Exchange) => {
  if (proofs.length === 0) {
    throw new ServiceError(
      "ERR_CALLER_UNPROVEN",
      "Cannot tell the caller: the request carries no identity that API Gateway proved",
    );
  }
  const { setup, proof } = await proveTenant(door.services.tenants, proofs);
  known.tenantId = setup.tenant.tenantId;
  known.caller = subjectOf(proof);
  return { setup, caller: known.caller };
};

/** The Idempotency-Key header: a structured-field string in quotes by the IETF draft; bare values are taken too. */
const idempotencyKey = ({ headers }: HttpRequest): OutsideRequestId => {
  const raw = headers["idempotency-key"]?.trim();
  const quoted = /^"(.*)"$/.exec(raw ?? "")?.[1];
  return outsideRequestId(["Idempotency-Key"], quoted?.replaceAll(/\\(["\\])/g, "$1") ?? raw);
};

/** The caller is proved before the body is looked at: a stranger learns nothing of what a job request is. */
const deliveryOf = async (exchange: Exchange): Promise<Delivery> => {
  const { door, event, request } = exchange;
  const { setup, caller } = await provenCaller(exchange);
  const outside = idempotencyKey(request);
  const body = await bodyOf(event, request);
  return {
    setup,
    door: "http",
    caller,
    parsed: withFault(parseJobRequest(body), outside),
    text: "",
    taskToken: taskTokenOf(body),
    requestId: outside.requestId,
    fallback: { kind: "none", newId: door.services.newId() },
  };
};

const post = async (exchange: Exchange): Promise<HttpAnswer> => {
  const { services, log } = exchange.door;
  const delivery = await deliveryOf(exchange);
  const outcome = await submitJob(services, delivery);
  log.info("submission", { ...idsOf(exchange), ...outcomeRecord(delivery, outcome) });
  return await answerOf(exchange, outcome);
};

/** The same as `post` up to where something would be kept: nothing is. */
const explain = async (exchange: Exchange): Promise<HttpAnswer> => {
  const { services, log, config } = exchange.door;
  const delivery = await deliveryOf(exchange);
  // Loaded when somebody asks: a cold start should not pay for it.
  const { explainSubmission } = await import("#domain/explain/explain-submission.ts");
  const explanation = await explainSubmission(services, delivery, { region: config.region ?? "" });
  const { verdict, tenantId, problem } = explanation;
  log.info("explained", { ...idsOf(exchange), verdict, tenantId, caller: delivery.caller, code: problem?.code });
  return documentAnswer(explanation);
};

const answerOf = async ({ door, request, requestId }: Exchange, outcome: Settled): Promise<HttpAnswer> => {
  const basePath = basePathOf(request);
  if (outcome.verdict === "refused") {
    return problemAnswer(outcome.error, { requestId, basePath, submissionId: outcome.submission?.submissionId });
  }
  return acceptedAnswer(outcome, await placeOf(door.services, outcome.submission), basePath);
};

type Settled = Exclude<Outcome, { verdict: "failed" }>;

/** What a submission id can look like: anything else names none, and no ledger has to be asked. */
const possibleId = /^[A-Za-z0-9._-]{1,64}$/;

/** The caller's own submission of the route, and whose it is. */
const ownSubmission = async (exchange: Exchange, submissionId: string) => {
  const { door, known } = exchange;
  const isPossible = possibleId.test(submissionId);
  if (isPossible) known.submissionId = submissionId;
  const { setup, caller } = await provenCaller(exchange);
  const submission = isPossible ? await door.services.submissions.get(submissionId) : undefined;
  if (submission?.tenantId === setup.tenant.tenantId) return { setup, caller, submission };
  // Another tenant's submission answers like one that does not exist: nobody can probe for ids.
  throw new ServiceError(
    "ERR_SUBMISSION_NOT_FOUND",
    "Cannot find the submission: no submission of this tenant has this id",
  );
};

const get = async (exchange: Exchange, submissionId: string): Promise<HttpAnswer> => {
  const { submission } = await ownSubmission(exchange, submissionId);
  return foundAnswer(submission, await placeOf(exchange.door.services, submission));
};

const cancel = async (exchange: Exchange, submissionId: string): Promise<HttpAnswer> => {
  const { services, log } = exchange.door;
  const { submission } = await ownSubmission(exchange, submissionId);
  const cancellation = await cancelSubmission(services, submission);
  const ids = { ...idsOf(exchange), ...exchange.known };
  if (cancellation.verdict === "cancelled") {
    log.info("cancelled", ids);
    return foundAnswer(cancellation.submission);
  }
  log.info("cancel requested", { ...ids, jobRunId: cancellation.submission.jobRunId });
  if (cancellation.error !== undefined) log.warn("cancelled later", { ...ids, ...errorRecord(cancellation.error) });
  return cancellingAnswer(cancellation.submission);
};

const rerun = async (exchange: Exchange, submissionId: string): Promise<HttpAnswer> => {
  const { services, log } = exchange.door;
  const { setup, caller, submission } = await ownSubmission(exchange, submissionId);
  const outside = idempotencyKey(exchange.request);
  if (outside.fault !== undefined) {
    const faults = [outside.fault];
    const message = `Cannot run the submission again: ${summary(faults)}`;
    throw new ServiceError("ERR_JOB_REQUEST_INVALID", message, { faults });
  }
  const outcome = await rerunSubmission(services, { setup, first: submission, caller, requestId: outside.requestId });
  if (outcome.verdict === "failed") throw outcome.error;
  log.info("submission", { ...idsOf(exchange), rerunOf: submissionId, ...outcomeRecord({ setup, caller }, outcome) });
  return await answerOf(exchange, outcome);
};

/** A tenant sees its own usage, and how it stands against its budget. */
const getUsage = async (exchange: Exchange): Promise<HttpAnswer> => {
  const { services } = exchange.door;
  const { setup } = await provenCaller(exchange);
  const { tenantId } = setup.tenant;
  const usage = await usageOf(services, tenantId, usageDays(exchange.request.query, services));
  const budget = await checkBudget(services, setup.tenant);
  return documentAnswer({ ...usage, estimate: true, ...(budget !== undefined && { budget }) });
};

const actions = { cancel, rerun } as const;

const answer = async (exchange: Exchange): Promise<HttpAnswer> => {
  const { request, known } = exchange;
  const route = routeOf(request.path);
  if (route === undefined)
    throw new ServiceError("ERR_ROUTE_NOT_FOUND", "Cannot find the route: the API is at /v1/submissions and /v1/usage");
  if (request.method !== route.method) {
    known.allow = route.method;
    const message = `Cannot ${request.method} here: the route takes ${route.method}`;
    throw new ServiceError("ERR_METHOD_NOT_ALLOWED", message);
  }
  if (route.usage) return await getUsage(exchange);
  if (route.explain) return await explain(exchange);
  if (route.submissionId === undefined) return await post(exchange);
  return await (route.action === undefined ? get : actions[route.action])(exchange, route.submissionId);
};

/** Answers errors as problem documents, and logs them with all that is known of the request by then. */
const answered = async (exchange: Exchange): Promise<HttpAnswer> => {
  try {
    return await answer(exchange);
  } catch (error) {
    const { door, request, requestId } = exchange;
    const { allow, ...known } = exchange.known;
    const level = levelOf(error);
    const record = { ...idsOf(exchange), ...known, ...errorRecord(error) };
    door.log[level](level === "info" ? "refused" : "failed", record);
    return problemAnswer(error, { requestId, basePath: basePathOf(request), allow });
  }
};

/**
 * The http door: `POST /v1/submissions` and `/v1/submissions/explain`, `GET /v1/submissions/{id}`, `POST` of its `/cancel`
 * and `/rerun`, and `GET /v1/usage`. An event that is no HTTP request has nobody to answer: its error is thrown.
 */
export const httpHandler = (door: DoorServices) =>
  middy<HttpEvent, HttpAnswer>()
    .use(loggedErrors("http", door))
    .handler(async (event, { awsRequestId }) => {
      const request = httpRequestOf(event);
      if (request === undefined) {
        throw new Error("Cannot read the event: it is not an HTTP request of API Gateway or a function URL");
      }
      const proofs = callerProofs(request.requestContext, door.config);
      const known = proofs.length === 0 ? {} : { caller: proofs.map(subjectOf).join(", ") };
      return await answered({ door, event, request, proofs, requestId: request.apiRequestId ?? awsRequestId, known });
    });
