import type { Journal } from "#local/kept/journal.ts";
import type { Seen } from "./deduplication.ts";
import type { StoredMessage } from "./messages.ts";
import type { LibraryQueue, QueueStores, QueueSurroundings } from "./queue-overrides.ts";

interface KeptQueue {
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface KeptQueuesOptions {
  readonly queues: () => readonly LibraryQueue[];
  readonly storesOf: (queueName: string) => QueueStores | undefined;
  /** One call of SQS's own API. */
  readonly call: (action: string, input: object) => Promise<void>;
}

/** What AWS answers of a queue and cannot be set. */
const computed = /^(QueueArn|CreatedTimestamp|LastModifiedTimestamp|ApproximateNumberOf.*)$/;
/** Names of queues have no spaces. */
const keyOf = (queueName: string, id: string) => `${queueName} ${id}`;
const partsOf = (key: string): [queueName: string, id: string] => {
  const space = key.indexOf(" ");
  return [key.slice(0, space), key.slice(space + 1)];
};

/** Keeps queues, their messages and the deduplication ids that they have seen. */
export function keepQueues(journal: Journal, { queues, storesOf, call }: KeptQueuesOptions) {
  const written = new Map<string, string>();
  const settings = journal.table<KeptQueue>("sqs.queues", {
    read: (name) => settingsOf(queues().find(({ QueueName }) => QueueName === name)),
    keys: () => queues().map(({ QueueName }) => QueueName),
  });
  const messages = journal.table<StoredMessage>("sqs.messages", tableOf(queues, storesOf, "messages"));
  const deduplication = journal.table<Seen>("sqs.deduplication", tableOf(queues, storesOf, "deduplication"));

  return {
    changed: {
      message: (queueName, id) => messages.changed(keyOf(queueName, id)),
      deduplication: (queueName, id) => deduplication.changed(keyOf(queueName, id)),
    } satisfies QueueSurroundings["changed"],

    /** Looks which queues were made, changed or deleted. */
    look(): void {
      const now = new Map(queues().map((queue) => [queue.QueueName, JSON.stringify(settingsOf(queue))]));
      for (const name of new Set([...written.keys(), ...now.keys()])) {
        if (written.get(name) !== now.get(name)) settings.changed(name);
      }
      written.clear();
      for (const [name, text] of now) written.set(name, text);
    },

    async restore(): Promise<void> {
      for (const [QueueName, { attributes, tags }] of settings.kept) {
        // A redrive policy names another queue, which may be made later.
        const { RedrivePolicy: _, ...Attributes } = attributes;
        await call("CreateQueue", { QueueName, Attributes, tags });
      }
      for (const [QueueUrl, { attributes }] of settings.kept) {
        const { RedrivePolicy } = attributes;
        if (RedrivePolicy) await call("SetQueueAttributes", { QueueUrl, Attributes: { RedrivePolicy } });
      }
      for (const [key, message] of messages.kept) storesOf(partsOf(key)[0])?.messages.restore(message);
      for (const [key, first] of deduplication.kept) {
        const [queueName, id] = partsOf(key);
        storesOf(queueName)?.deduplication.restore(id, first);
      }
    },
  };
}

function settingsOf(queue: LibraryQueue | undefined): KeptQueue | undefined {
  if (!queue) return undefined;
  const all: Record<string, string> = queue.getAttributes(["All"]) ?? {};
  const attributes = Object.fromEntries(Object.entries(all).filter(([name]) => !computed.test(name)));
  return { attributes, tags: queue.Tags ?? {} };
}

function tableOf<K extends keyof QueueStores>(
  queues: KeptQueuesOptions["queues"],
  storesOf: KeptQueuesOptions["storesOf"],
  kind: K,
) {
  type Value = NonNullable<ReturnType<QueueStores[K]["get"]>>;
  return {
    read: (key: string) => {
      const [queueName, id] = partsOf(key);
      return storesOf(queueName)?.[kind].get(id) as Value | undefined;
    },
    *keys(): Generator<string> {
      for (const { QueueName: name } of queues()) {
        for (const id of storesOf(name)?.[kind].ids() ?? []) yield keyOf(name, id);
      }
    },
  };
}
