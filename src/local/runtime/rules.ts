import type { Aws } from "#local/start-aws.ts";

interface Fed {
  readonly bus: string;
  /** ARNs of the queues that the rules feed. */
  readonly eventsQueue: string;
  readonly jobRunsQueue: string;
}

/** The rules of infra/bus.yml. */
export const addRules = (aws: Aws, { bus, eventsQueue, jobRunsQueue }: Fed): void => {
  const to = (queue: string) => async (event: unknown) =>
    void (await aws.queues.sendMessage({ queue, body: JSON.stringify(event), principal: "events.amazonaws.com" }));
  const requests = { "detail-type": ["Submission Requested"] };
  const objects = { source: ["aws.s3"], "detail-type": ["Object Created"] };
  const changes = { source: ["aws.emr-serverless"], "detail-type": ["EMR Serverless Job Run State Change"] };
  aws.events.createBus(bus);
  aws.events.addRule({ name: "sluice-requests", bus, pattern: requests, target: to(eventsQueue) });
  aws.events.addRule({ name: "sluice-objects", pattern: objects, target: to(eventsQueue) });
  aws.events.addRule({ name: "sluice-job-runs", pattern: changes, target: to(jobRunsQueue) });
};
