import type { AwsEvent } from "#local/events/event.ts";
import type { Local } from "#local/runtime/start.ts";

/** What the demo saw on the buses, and a way to wait for more. */
export interface Watch {
  /** The states of a job run, in the order of its events. */
  statesOf(jobRunId: string): string[];
  /** Every event of ours for a submission. */
  eventsOf(submissionId: string): AwsEvent[];
  /** The first event of ours that fits. */
  event(what: string, fits: (event: AwsEvent) => boolean): Promise<AwsEvent>;
}

/** No story of the demo takes longer on any machine; waiting for ever would hide a fault. */
const patienceMs = 20_000;

/** Listens to what Sluice publishes and to what EMR Serverless says of its job runs. */
export const watch = (local: Local): Watch => {
  const published: AwsEvent[] = [];
  const states = new Map<string, string[]>();
  const waiting = new Set<() => void>();

  local.aws.events.addRule({
    name: "demo-published",
    bus: "sluice",
    pattern: { source: ["sluice"] },
    target: async (event) => {
      published.push(event);
      for (const look of waiting) look();
    },
  });
  local.aws.events.addRule({
    name: "demo-states",
    pattern: { source: ["aws.emr-serverless"], "detail-type": ["EMR Serverless Job Run State Change"] },
    target: async ({ detail }) => {
      const id = String(detail["jobRunId"]);
      states.set(id, [...(states.get(id) ?? []), String(detail["state"])]);
    },
  });

  return {
    statesOf: (jobRunId) => states.get(jobRunId) ?? [],
    eventsOf: (submissionId) => published.filter(({ detail }) => detail["subject"] === submissionId),
    event: (what, fits) =>
      new Promise((resolve, reject) => {
        const done = (settle: () => void): void => {
          clearTimeout(timer);
          waiting.delete(look);
          settle();
        };
        const look = (): void => {
          const found = published.find(fits);
          if (found !== undefined) done(() => resolve(found));
        };
        const timer = setTimeout(
          () => done(() => reject(new Error(`Waited ${patienceMs / 1000} s for ${what}, and it did not come`))),
          patienceMs,
        );
        waiting.add(look);
        look();
      }),
  };
};
