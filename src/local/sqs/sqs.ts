import { AsyncLocalStorage } from "node:async_hooks";
import { createRequestHandler } from "local-aws-sqs";
import type { AwsRequest, AwsResponse, AwsService } from "#local/aws-service.ts";
import { localAccountId } from "#local/aws-service.ts";
import { callHandler } from "#local/in-process.ts";
import { type Journal, noJournal } from "#local/kept/journal.ts";
import { type Schedule, scheduleByTimer } from "#local/schedule.ts";
import { keepQueues } from "./kept-queues.ts";
import { createWaiters } from "./long-poll.ts";
import { callSqs } from "./queue-calls.ts";
import { type LibraryQueue, type QueueStores, useOwnStore } from "./queue-overrides.ts";
import { createSequenceNumbers } from "./sequence-number.ts";
import { prepareRequest } from "./sqs-request.ts";

export interface SqsOptions {
  readonly now: () => number;
  readonly region: string;
  /** How a long poll waits; timers unless told. */
  readonly schedule?: Schedule;
  /** The SenderId of messages that an access key id sends; the access key id itself unless told. */
  readonly senderId?: (accessKeyId: string) => Promise<string>;
  /** Without one, queues go with the process. */
  readonly journal?: Journal;
}

export interface Sqs extends AwsService {
  /** Makes the queues that the journal kept; nothing else may be asked before. */
  restore(): Promise<void>;
  /** Queue URLs name the endpoint, whose port is known only when it listens. */
  listensOn(port: number): void;
  end(): Promise<void>;
}

/** Calls that leave queues and their attributes as they are. */
const ofMessages = /\.(SendMessage|ReceiveMessage|DeleteMessage|ChangeMessageVisibility)(Batch)?$/;

const ofSends = /\.SendMessage(Batch)?$/;

/** SQS: the protocol of local-aws-sqs over a message store of ours. */
export function createSqs(options: SqsOptions): Sqs {
  const { now, region, schedule = scheduleByTimer, journal = noJournal, senderId } = options;
  const { service, requestHandler } = createRequestHandler({
    port: 0,
    hostname: "127.0.0.1",
    accountId: localAccountId,
    region,
    emulateQueueCreationLifecycle: false,
  });
  const stores = new Map<LibraryQueue, QueueStores>();
  const waiters = createWaiters(schedule);
  const sender = new AsyncLocalStorage<string>();
  const queueNamed = (name: string | undefined) => service.Queues.find(({ QueueName }) => QueueName === name);
  const storesOf = (name: string | undefined) => {
    const queue = queueNamed(name);
    return queue && stores.get(queue);
  };
  const kept = keepQueues(journal, {
    queues: () => service.Queues,
    storesOf,
    call: async (action, input) => void (await callSqs({ handle }, { region, action, input })),
  });
  const surroundings = {
    now,
    waiters,
    changed: kept.changed,
    nextSequenceNumber: createSequenceNumbers(now),
    sender: () => sender.getStore() ?? "anonymous",
    queueArn: (name: string) => `arn:aws:sqs:${region}:${localAccountId}:${name}`,
    storeOf: (arn: string) => storesOf(arn.split(":").at(-1))?.messages,
  };

  /** Every queue gets its store before the request that could use it. Whether there were any to adopt or to forget. */
  function adoptQueues(): boolean {
    const made = service.Queues.filter((queue) => !stores.has(queue));
    for (const queue of made) stores.set(queue, useOwnStore(queue, surroundings));
    const gone = [...stores].filter(([queue]) => !service.Queues.includes(queue));
    for (const [queue, { messages, deduplication }] of gone) {
      messages.clear();
      deduplication.clear();
      stores.delete(queue);
    }
    return made.length + gone.length > 0;
  }

  async function handle(request: AwsRequest): Promise<AwsResponse> {
    if (adoptQueues()) kept.look();
    const prepared = prepareRequest(request, (name) => queueNamed(name)?.MaximumMessageSize);
    if ("status" in prepared) return prepared;
    const target = request.headers["x-amz-target"] ?? "";
    const sends = senderId !== undefined && ofSends.test(target);
    const sentBy = sends ? await senderId(request.principal) : request.principal;
    const answer = await sender.run(sentBy, () => callHandler(requestHandler, prepared));
    if (!ofMessages.test(target)) {
      adoptQueues();
      kept.look();
    }
    return answer;
  }

  return {
    handle,
    restore: kept.restore,
    listensOn: (port) => {
      service.PORT = port;
    },
    end: async () => waiters.end(),
  };
}
