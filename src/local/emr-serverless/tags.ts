import { getApplication } from "./application-life.ts";
import { getJobRun } from "./job-run-state.ts";
import type { Machine } from "./machine.ts";
import { invalid } from "./service-error.ts";
import type { ApplicationRecord, JobRunRecord } from "./state.ts";

type Tags = Readonly<Record<string, string>>;

/** At most 50, and none that begins with "aws:": https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/tagging.html */
const mostTags = 50;

export function checkTags(tags: Tags): void {
  const keys = Object.keys(tags);
  if (keys.length > mostTags) {
    throw invalid(`A resource can have at most ${mostTags} tags: ${keys.length} were given`);
  }
  const reserved = keys.find((key) => key.toLowerCase().startsWith("aws:"));
  if (reserved !== undefined) throw invalid(`Tag keys that begin with "aws:" are reserved: ${reserved}`);
}

function resource(machine: Machine, arn: string): ApplicationRecord | JobRunRecord {
  const [, applicationId = "", jobRunId] = /\/applications\/([^/]+)(?:\/jobruns\/([^/]+))?$/.exec(arn) ?? [];
  const application = getApplication(machine, applicationId);
  return jobRunId === undefined ? application : getJobRun(machine, applicationId, jobRunId);
}

function setTags(machine: Machine, found: ApplicationRecord | JobRunRecord, tags: Tags): void {
  found.tags = tags;
  if ("jobRunId" in found) machine.changed("jobRuns", found.jobRunId);
  else machine.changed("applications", found.applicationId);
}

export function tagResource(machine: Machine, input: { resourceArn: string; tags: Tags }): object {
  const found = resource(machine, input.resourceArn);
  const tags = { ...found.tags, ...input.tags };
  checkTags(tags);
  setTags(machine, found, tags);
  return {};
}

export function untagResource(machine: Machine, input: { resourceArn: string; tagKeys: readonly string[] }): object {
  const found = resource(machine, input.resourceArn);
  const left = Object.entries(found.tags).filter(([key]) => !input.tagKeys.includes(key));
  setTags(machine, found, Object.fromEntries(left));
  return {};
}

export function listTags(machine: Machine, input: { resourceArn: string }): object {
  return { tags: resource(machine, input.resourceArn).tags };
}
