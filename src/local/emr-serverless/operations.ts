import {
  createApplication,
  deleteApplication,
  listApplications,
  readApplication,
  startApplication,
  stopApplication,
} from "./applications.ts";
import { list, required, structure } from "./collection-shapes.ts";
import {
  createApplication as createApplicationShape,
  id,
  jobRunMode,
  startJobRun as startJobRunShape,
  tagKeys,
  tags,
} from "./constraints.ts";
import { cancelJobRun, dashboard, listAttempts, listJobRuns, readJobRun, startJobRun } from "./job-runs.ts";
import type { Machine } from "./machine.ts";
import { boolean, integer, oneOf, string, time } from "./scalar-shapes.ts";
import { parse, type Shape } from "./shape.ts";
import { listTags, tagResource, untagResource } from "./tags.ts";

/** How a member travels in the query string. */
type QueryKind = "text" | "number" | "boolean" | "time" | "texts";

export interface Operation {
  readonly method: string;
  /** Labels in braces; "{resourceArn}" is the only one that may hold slashes. */
  readonly path: string;
  readonly query: Readonly<Record<string, QueryKind>>;
  run(machine: Machine, input: unknown, principal: string): object;
}

function operation<T>(
  route: string,
  shape: Shape<T>,
  work: (machine: Machine, input: T, principal: string) => object,
  query: Operation["query"] = {},
): Operation {
  const [method = "", path = ""] = route.split(" ");
  return { method, path, query, run: (machine, input, principal) => work(machine, parse(shape, input), principal) };
}

const attempt = integer({ min: 1 });
const jobRunMembers = { applicationId: required(id), jobRunId: required(id) };
const pageMembers = {
  nextToken: string({ min: 1, max: 1024, pattern: "[A-Za-z0-9_=\\-]+" }),
  maxResults: integer({ min: 1, max: 50 }),
};
const pageQuery = { nextToken: "text", maxResults: "number" } as const;
const applicationKey = structure({ applicationId: required(id) });
const resourceArn = required(
  string({
    min: 60,
    max: 1024,
    pattern:
      "arn:(aws[a-zA-Z0-9\\-]*):emr-serverless:.+:(\\d{12}):\\/applications\\/[0-9a-zA-Z]+(\\/jobruns\\/[0-9a-zA-Z]+)?",
  }),
);
const applicationState = oneOf("CREATING", "CREATED", "STARTING", "STARTED", "STOPPING", "STOPPED", "TERMINATED");
const jobRunState = oneOf(
  ...([
    "SUBMITTED",
    "PENDING",
    "SCHEDULED",
    "RUNNING",
    "SUCCESS",
    "FAILED",
    "CANCELLING",
    "CANCELLED",
    "QUEUED",
  ] as const),
);

const jobRuns = "/applications/{applicationId}/jobruns";
const jobRun = `${jobRuns}/{jobRunId}`;

/** https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_Operations.html */
export const operations: Readonly<Record<string, Operation>> = {
  CreateApplication: operation("POST /applications", createApplicationShape, createApplication),
  ListApplications: operation(
    "GET /applications",
    structure({ ...pageMembers, states: list(applicationState, { min: 1, max: 7 }) }),
    listApplications,
    { ...pageQuery, states: "texts" },
  ),
  GetApplication: operation("GET /applications/{applicationId}", applicationKey, readApplication),
  DeleteApplication: operation("DELETE /applications/{applicationId}", applicationKey, deleteApplication),
  StartApplication: operation("POST /applications/{applicationId}/start", applicationKey, startApplication),
  StopApplication: operation("POST /applications/{applicationId}/stop", applicationKey, stopApplication),
  StartJobRun: operation(`POST ${jobRuns}`, startJobRunShape, startJobRun),
  ListJobRuns: operation(
    `GET ${jobRuns}`,
    structure({
      applicationId: required(id),
      ...pageMembers,
      // 8 at most, although there are 9 states.
      states: list(jobRunState, { max: 8 }),
      mode: jobRunMode,
      createdAtAfter: time(),
      createdAtBefore: time(),
    }),
    listJobRuns,
    { ...pageQuery, states: "texts", mode: "text", createdAtAfter: "time", createdAtBefore: "time" },
  ),
  GetJobRun: operation(`GET ${jobRun}`, structure({ ...jobRunMembers, attempt }), readJobRun, { attempt: "number" }),
  CancelJobRun: operation(
    `DELETE ${jobRun}`,
    structure({ ...jobRunMembers, shutdownGracePeriodInSeconds: integer() }),
    cancelJobRun,
    { shutdownGracePeriodInSeconds: "number" },
  ),
  ListJobRunAttempts: operation(
    `GET ${jobRun}/attempts`,
    structure({ ...jobRunMembers, ...pageMembers }),
    listAttempts,
    pageQuery,
  ),
  GetDashboardForJobRun: operation(
    `GET ${jobRun}/dashboard`,
    structure({ ...jobRunMembers, attempt, accessSystemProfileLogs: boolean() }),
    dashboard,
    { attempt: "number", accessSystemProfileLogs: "boolean" },
  ),
  TagResource: operation("POST /tags/{resourceArn}", structure({ resourceArn, tags: required(tags) }), tagResource),
  UntagResource: operation(
    "DELETE /tags/{resourceArn}",
    structure({ resourceArn, tagKeys: required(tagKeys) }),
    untagResource,
    { tagKeys: "texts" },
  ),
  ListTagsForResource: operation("GET /tags/{resourceArn}", structure({ resourceArn }), listTags),
};
