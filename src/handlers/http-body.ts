import httpJsonBodyParser from "@middy/http-json-body-parser";
import { ServiceError } from "#domain/errors.ts";
import { refuseLarge } from "#domain/request/job-request.ts";
import { bodyBytes, type HttpEvent, type HttpRequest } from "./http-event.ts";

const parser = httpJsonBodyParser();

/** middy's parser errors in our words. Their cause holds the whole body, so it is not kept. */
const ownError = (error: unknown): unknown => {
  if (!(error instanceof Error) || !("statusCode" in error)) return error;
  if (error.statusCode === 415) {
    return new ServiceError("ERR_CONTENT_TYPE", 'Cannot read the body: Content-Type must be "application/json"');
  }
  if (error.statusCode !== 422) return error;
  const message = error.message.startsWith("Forbidden key")
    ? 'must not have a key "__proto__", nor "constructor" with a "prototype" in it'
    : "must be a JSON object";
  return new ServiceError("ERR_JOB_REQUEST_INVALID", `Cannot read the job request: the body ${message}`, {
    faults: [{ pointer: "", message }],
  });
};

/**
 * The JSON value of a request's body, read by @middy/http-json-body-parser: its size first, then its content type, then
 * its text. Nothing where there is no body: what is missing is then told as faults of the job request.
 */
export const bodyOf = async (event: HttpEvent, { headers }: HttpRequest): Promise<unknown> => {
  const tooLarge = refuseLarge(bodyBytes(event));
  if (tooLarge !== undefined) throw tooLarge;
  const { body, isBase64Encoded } = event;
  if (!body) return undefined;
  // The parser knows one spelling of Content-Type, and writes what it read into the event that it gets.
  const read = { headers, body, isBase64Encoded };
  try {
    await parser.before?.({ event: read } as never);
  } catch (error) {
    throw ownError(error);
  }
  return read.body;
};
