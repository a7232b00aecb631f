import { memoryEvents } from "#adapters/memory/memory-events.ts";
import { memoryJobRuns } from "#adapters/memory/memory-job-runs.ts";
import { memoryStarts } from "#adapters/memory/memory-starts.ts";
import { memorySubmissions } from "#adapters/memory/memory-submissions.ts";
import { memoryTenants } from "#adapters/memory/memory-tenants.ts";
import { memoryUsage } from "#adapters/memory/memory-usage.ts";
import { eventsContract } from "#test/contracts/events.ts";
import { jobRunsContract } from "#test/contracts/job-runs.ts";
import { startsContract } from "#test/contracts/starts.ts";
import { submissionsContract } from "#test/contracts/submissions.ts";
import { tenantsContract } from "#test/contracts/tenants.ts";
import { usageContract } from "#test/contracts/usage.ts";

submissionsContract("memorySubmissions", memorySubmissions);

startsContract("memoryStarts", async (now) => {
  const starts = memoryStarts({ now });
  return { starts, another: () => starts };
});

tenantsContract("memoryTenants", async (setups) => {
  const tenants = memoryTenants(setups);
  return { tenants, replace: async (next) => tenants.replace(next) };
});

jobRunsContract("memoryJobRuns", () => {
  const jobRuns = memoryJobRuns({ now: () => "2026-11-22T12:00:00.000Z" });
  return { jobRuns, end: (jobRunId, state) => jobRuns.change(jobRunId, { state }) };
});

eventsContract("memoryEvents", () => {
  const events = memoryEvents();
  return {
    events,
    queueUrl: "https://sqs.us-east-1.amazonaws.com/123456789012/acme",
    toldTasks: () => events.told.map(({ taskToken }) => taskToken),
    onBus: () => events.published.map(({ event }) => event),
    inQueue: (queueUrl) => events.published.filter((one) => one.queueUrl === queueUrl).map(({ event }) => event.detail),
  };
});

usageContract("memoryUsage", async () => memoryUsage());
