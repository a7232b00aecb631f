import * as z from "zod/mini";
import { ServiceError } from "#domain/errors.ts";
import { capped, countOf, type Fault, faultAt, faultsOf, type KnownKeys } from "#domain/fault.ts";
import { lazily } from "#domain/lazily.ts";
import { boundedText } from "./bounded-text.ts";
import { jobDriver, jobRunFields } from "./job-run-fields.ts";
import { notify, withoutSecrets } from "./notify.ts";

/** Largest job request in bytes of UTF-8: the frozen StartJobRun input made of it must fit one DynamoDB item of 400 KB. */
export const maxJobRequestBytes = 256 * 1024;

/** A request id of the caller: any printable text, for it is hashed with the tenant before it is used. */
const requestId = boundedText(1, 255).check(
  z.regex(/^[\x20-\x7e]+$/),
  z.describe("The caller's own idempotency key: the same id and job request start one job run, however often sent."),
);

/** A name that the tenant's setup may know. It is stored and shown where it does not, so it is short. */
const knownName = boundedText(0, 63);

/** The schedule that fired, as EventBridge Scheduler's context attributes give it in the schedule's input. */
const schedule = () =>
  z.strictObject({
    arn: boundedText(1, 1600).check(z.regex(/^arn:aws[a-zA-Z0-9-]*:(scheduler|events):/)),
    scheduledTime: boundedText(1, 64),
  });

const parameterValue = z.union([z.string(), z.number(), z.boolean()], "text, a number, true or false");

const oneJob = "a job request with exactly one of jobTemplate, jobDriver";

const hasOneJob = (request: { readonly jobDriver?: unknown; readonly jobTemplate?: unknown }): boolean =>
  (request.jobDriver === undefined) !== (request.jobTemplate === undefined);

const hasOneJobCheck = z.refine<Parameters<typeof hasOneJob>[0]>(hasOneJob, { message: oneJob });

/** Fields of a job request that leaves the job itself to a job template, as most do. */
const templateRequestFields = {
  $schema: z.optional(z.string()),
  tenantId: z.optional(knownName.check(z.describe("Must be the tenant that the caller is proved to be."))),
  requestId: z.optional(requestId),
  application: z.optional(knownName.check(z.describe("One of the tenant's application aliases."))),
  jobTemplate: z.optional(knownName.check(z.describe("Name of one of the tenant's job templates."))),
  parameters: z.optional(z.record(z.string(), parameterValue)),
  priority: z.optional(
    z.int().check(z.gte(0), z.lte(9), z.describe("Among the tenant's own waiting jobs; 9 goes first, 5 where absent.")),
  ),
};

const templateRequestSchema = z.strictObject(templateRequestFields).check(hasOneJobCheck);

export const jobRequestSchema = lazily(() =>
  z
    .strictObject({
      ...templateRequestFields,
      schedule: z.optional(schedule()),
      notify: z.optional(notify),
      jobDriver: z.optional(jobDriver()),
      ...jobRunFields(),
    })
    .check(hasOneJobCheck),
);

/** The schema of a document: one without the fields that it does not have says the same, and is far smaller. */
const schemaFor = (document: unknown) =>
  isNested(document) && Object.keys(document).every((key) => Object.hasOwn(templateRequestFields, key))
    ? templateRequestSchema
    : jobRequestSchema();

/** What a caller asked for, checked. It carries no identity that we believe: the door proves the tenant. */
export type JobRequest = z.infer<ReturnType<typeof jobRequestSchema>>;

/** Fields of StartJobRun that a caller looks for in vain, with the reason. */
const notForCallers: KnownKeys = {
  applicationId: 'is not for callers: name one of the tenant\'s application aliases in "application"',
  executionRoleArn: "is not for callers: it is set by the tenant's configuration",
  executionIamPolicy: "is not for callers: it is rendered from the tenant's policy template",
  clientToken: 'is not for callers: give "requestId", from which Sluice derives it',
  entryPoint: 'belongs into "jobDriver": {"sparkSubmit": {…}}',
  template: 'is called "jobTemplate"',
  taskToken: 'belongs into "notify": {"taskToken": …}',
};

export type Parsed<T> =
  | { readonly verdict: "parsed"; readonly value: T }
  | { readonly verdict: "refused"; readonly error: ServiceError };

const refused = (message: string, faults: readonly Fault[]): Parsed<never> => ({
  verdict: "refused",
  error: new ServiceError("ERR_JOB_REQUEST_INVALID", message, { faults }),
});

/** Deeper than any job request needs to be, and far from where the checks below would run out of stack. */
const maxDepth = 64;

const isNested = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Whether a document is nested deeper than we read. Level by level, because recursion is what a deep one breaks. */
const isTooDeep = (document: unknown): boolean => {
  let level = [document].filter(isNested);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= maxDepth) return true;
    level = level.flatMap((value) => Object.values(value)).filter(isNested);
  }
  return false;
};

/** The checks that compare fields do not run where single fields are wrong: this one is made up for. */
const missingJobFaults = (document: unknown, faults: readonly Fault[]): Fault[] =>
  isNested(document) &&
  !Array.isArray(document) &&
  !hasOneJob(document) &&
  !faults.some(({ pointer }) => pointer === "")
    ? [faultAt([], document, oneJob)]
    : [];

/** A document as a job request, or a refusal that lists every fault of its form. */
export const parseJobRequest = (document: unknown): Parsed<JobRequest> => {
  if (isTooDeep(document)) {
    const message = `must be nested at most ${maxDepth} levels deep`;
    return refused(`Cannot read the job request: the document ${message}`, [{ pointer: "", message }]);
  }
  const parsed = z.safeParse<z.ZodMiniType<JobRequest>>(schemaFor(document), document);
  if (parsed.success) return { verdict: "parsed", value: parsed.data };
  const shown = withoutSecrets(document);
  const found = faultsOf(parsed.error, shown, notForCallers);
  const faults = [...found, ...missingJobFaults(shown, found)];
  return refused(`Cannot read the job request: ${summary(faults)}`, faults);
};

/** JSON.parse quotes the text around what it could not read, which may be a secret. */
const withoutQuote = (message: string): string => message.replace(/, (\.{3})?".*"(\.{3})? is not valid JSON$/s, "");

/** The text of a body as a job request: size first, then JSON, then form. `bytes` is the text's length in UTF-8. */
export const parseJobRequestText = (body: string, bytes: number): Parsed<JobRequest> => {
  const tooLarge = refuseLarge(bytes);
  if (tooLarge !== undefined) return { verdict: "refused", error: tooLarge };
  try {
    return parseJobRequest(JSON.parse(body));
  } catch (error) {
    const reason = error instanceof SyntaxError ? withoutQuote(error.message) : "it is not JSON";
    return refused("Cannot read the job request: the body must be JSON", [
      { pointer: "", message: `must be a JSON object: ${reason}` },
    ]);
  }
};

/** The refusal of a job request of so many bytes, if it is too large. */
export const refuseLarge = (bytes: number): ServiceError | undefined =>
  bytes <= maxJobRequestBytes
    ? undefined
    : new ServiceError(
        "ERR_JOB_REQUEST_TOO_LARGE",
        `Cannot take the job request: its size must be at most ${maxJobRequestBytes} bytes: current size is ${bytes} bytes`,
        { faults: [{ pointer: "", message: `must be at most ${maxJobRequestBytes} bytes: current size is ${bytes}` }] },
      );

/** All faults in one line, the first three in full. */
export const summary = (faults: readonly Fault[]): string => {
  const told = faults.filter(({ more }) => more === undefined).slice(0, 3);
  const shown = capped(told).map((fault) => `${fault.pointer || "the document"} ${fault.message}`);
  const more = countOf(faults) - told.length;
  return more > 0 ? `${shown.join("; ")}; and ${more} more` : shown.join("; ");
};
