import { AsyncLocalStorage } from "node:async_hooks";
import { createRequestHandler } from "local-aws-sqs";
import type { AwsRequest, AwsResponse, AwsService } from "#local/aws-service.ts";
import { localAccountId } from "#local/aws-service.ts";
import { callHandler } from "#local/in-process.ts";
import { type Schedule, scheduleByTimer } from "#local/schedule.ts";
import { createWaiters } from "./long-poll.ts";
import type { MessageStore } from "./messages.ts";
import { type LibraryQueue, useOwnStore } from "./queue-overrides.ts";
import { prepareRequest } from "./sqs-request.ts";

export interface SqsOptions {
  readonly now: () => number;
  readonly region: string;
  /** How a long poll waits; timers unless told. */
  readonly schedule?: Schedule;
}

export interface Sqs extends AwsService {
  /** Queue URLs name the endpoint, whose port is known only when it listens. */
  listensOn(port: number): void;
  end(): Promise<void>;
}

/** SQS in memory: the protocol of local-aws-sqs over a message store of ours. */
export function createSqs({ now, region, schedule = scheduleByTimer }: SqsOptions): Sqs {
  const { service, requestHandler } = createRequestHandler({
    port: 0,
    hostname: "127.0.0.1",
    accountId: localAccountId,
    region,
    emulateQueueCreationLifecycle: false,
  });
  const stores = new Map<LibraryQueue, MessageStore>();
  const waiters = createWaiters(schedule);
  const principal = new AsyncLocalStorage<string>();
  const surroundings = {
    now,
    waiters,
    sender: () => principal.getStore() ?? "anonymous",
    queueArn: (name: string) => `arn:aws:sqs:${region}:${localAccountId}:${name}`,
    storeOf: (arn: string) => {
      const queue = service.Queues.find(({ QueueName }) => QueueName === arn.split(":").at(-1));
      return queue && stores.get(queue);
    },
  };

  /** Every queue gets its store before the request that could use it. */
  function adoptQueues(): void {
    for (const queue of service.Queues) {
      if (!stores.has(queue)) stores.set(queue, useOwnStore(queue, surroundings));
    }
    for (const queue of stores.keys()) {
      if (!service.Queues.includes(queue)) stores.delete(queue);
    }
  }

  return {
    handle: async (request: AwsRequest): Promise<AwsResponse> => {
      adoptQueues();
      const sizeOf = (name: string) => service.Queues.find(({ QueueName }) => QueueName === name)?.MaximumMessageSize;
      const prepared = prepareRequest(request, sizeOf);
      if ("status" in prepared) return prepared;
      return principal.run(request.principal, () => callHandler(requestHandler, prepared));
    },
    listensOn: (port) => {
      service.PORT = port;
    },
    end: async () => waiters.end(),
  };
}
