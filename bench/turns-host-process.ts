import { SQSClient } from "@aws-sdk/client-sqs";
import type { SQSBatchResponse } from "aws-lambda";
import { type EventSource, startEventSource } from "#local/runtime/event-source.ts";
import { type Invoke, loadFunction } from "#local/runtime/lambda.ts";
import type { Filling, HostAnswer, HostTask } from "./turns-processes.ts";
import { accountId, queueArnOf, queueNameOf, region } from "./turns-setup.ts";

/** One function behind the poller of the local runtime: what this process does is the poller's and the function's. */
const { directory, name, tenantId }: HostTask = JSON.parse(process.argv[2] ?? "");
const client = new SQSClient({});

/** What crosses to a function and back, and no function. */
const nothing: Invoke = async (event) => {
  JSON.parse(JSON.stringify(event));
  return JSON.parse(JSON.stringify({ batchItemFailures: [] }));
};
const invoke = name === undefined ? nothing : await loadFunction(directory, name, region);

/** Works off the queue of a round. */
const workOff = async ({ round, messages }: Filling): Promise<HostAnswer> => {
  const queueName = queueNameOf(tenantId, round);
  const queue = { url: `${process.env["AWS_ENDPOINT_URL"]}/${accountId}/${queueName}`, arn: queueArnOf(queueName) };
  let [handled, batches] = [0, 0];
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const wall = await new Promise<number>((resolve, reject) => {
    const source: EventSource = startEventSource(client, queue, async (event) => {
      const { Records } = event as { readonly Records: readonly unknown[] };
      const answer = await invoke(event);
      const { batchItemFailures } = answer as SQSBatchResponse;
      if (batchItemFailures.length > 0) reject(new Error(`Cannot measure ${name}: it gave back messages`));
      handled += Records.length;
      batches += 1;
      // The source ends after its last deletion, which this call has to answer for.
      if (handled >= messages) setImmediate(() => source.end().then(() => resolve(performance.now() - begin), reject));
      return answer;
    });
  });
  const { user, system } = process.cpuUsage(cpu);
  return { batches, wallMs: wall, cpuMs: (user + system) / 1000 };
};

process.on("message", (filling: Filling) => {
  workOff(filling).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on("disconnect", () => process.exit(0));
