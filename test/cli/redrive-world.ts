import { createHash } from "node:crypto";
import type { Message } from "@aws-sdk/client-sqs";
import { memorySubmissions } from "#adapters/memory/memory-submissions.ts";
import { memoryTenants } from "#adapters/memory/memory-tenants.ts";
import { memoryUsage } from "#adapters/memory/memory-usage.ts";
import { judgeMessage } from "#cli/judge-message.ts";
import type { RedriveParts } from "#cli/move-dead-letter.ts";
import { type Redrive, redrive } from "#cli/redrive.ts";
import type { RedriveOptions } from "#cli/redrive-options.ts";
import type { RedrivenMessage } from "#cli/redriven-message.ts";
import type { Services, Tenants } from "#domain/ports.ts";
import type { QueueContext } from "#handlers/message-delivery.ts";
import { ownAccount } from "#test/handlers/doors.ts";
import { nightly } from "#test/handlers/http-events.ts";
import { acme, globex, ofAcme, sharedQueue } from "#test/handlers/tenants.ts";

export const operator = "AROAOPERATOR";
export const sentAt = 1_795_348_800_000;
/** Hours later: no queue remembers anything. */
export const started = sentAt + 36_000_000;

export interface Dead {
  readonly id: string;
  readonly body?: unknown;
  readonly sender?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly own?: Readonly<Record<string, string>>;
}

export const dead = ({ id, body = nightly, sender = ofAcme.userId, attributes = {}, own = {} }: Dead): Message => ({
  MessageId: id,
  ReceiptHandle: `receipt-${id}`,
  Body: typeof body === "string" ? body : JSON.stringify(body),
  Attributes: { SenderId: sender, SentTimestamp: String(sentAt), ApproximateReceiveCount: "101", ...own },
  MessageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
  ),
});

interface Own {
  readonly targetArn?: string;
  readonly tenants?: Tenants;
  readonly envelopeQueues?: QueueContext["envelopeQueues"];
  readonly services?: Partial<Pick<Services, "submissions" | "usage">>;
  readonly startedAt?: number;
  readonly send?: (message: RedrivenMessage) => Promise<string>;
  readonly remove?: (receipt: string) => Promise<void>;
}

/** A dead-letter queue in memory, and all that was done to it. Time passes only where the command pauses. */
export const world = (messages: readonly Message[], own: Own = {}) => {
  const hidden = new Set<Message>();
  const gone = new Set<string>();
  const sent: (RedrivenMessage & { readonly at: number })[] = [];
  const released: [receipt: string, seconds: number][] = [];
  const lines: string[] = [];
  const steps: string[] = [];
  let now = own.startedAt ?? started;
  const parts = {
    queues: {
      targetArn: own.targetArn ?? sharedQueue,
      receive: async (most: number) => {
        const taken = messages
          .filter((message) => !hidden.has(message) && !gone.has(message.ReceiptHandle ?? ""))
          .slice(0, most);
        for (const message of taken) hidden.add(message);
        return taken;
      },
      send: async (message: RedrivenMessage) => {
        const newId = (await own.send?.(message)) ?? `new-${sent.length + 1}`;
        sent.push({ ...message, at: now - started });
        steps.push(`send ${newId}`);
        return newId;
      },
      remove: async (receipt: string) => {
        steps.push(`remove ${receipt}`);
        await own.remove?.(receipt);
        gone.add(receipt);
      },
      release: async (receipt: string, seconds: number) => void released.push([receipt, seconds]),
    },
    judge: async (record: Parameters<typeof judgeMessage>[1]) =>
      await judgeMessage(
        {
          services: { tenants: own.tenants ?? memoryTenants([acme, globex]) },
          accountId: ownAccount,
          envelopeQueues: own.envelopeQueues ?? {},
          operatorSenders: [operator],
          planning: {
            digest: (text) => createHash("sha256").update(text).digest("base64url"),
            now: () => "2026-11-22T12:00:00.000Z",
            submissions: own.services?.submissions ?? memorySubmissions(),
            usage: own.services?.usage ?? memoryUsage(),
          },
        },
        record,
      ),
    operatorSenders: [operator],
    now: () => now,
    pause: async (milliseconds: number) => {
      now += milliseconds;
    },
    out: (line: string) => void lines.push(line),
  };
  const run = async (options: Partial<RedriveOptions> = {}, other: Partial<RedriveParts> = {}): Promise<Redrive> =>
    await redrive(
      { ...parts, ...other },
      { from: "dlq", to: "queue", rate: 5, kind: "all", dryRun: false, ...options },
    );
  return { run, parts, sent, released, lines, steps, gone };
};

export const text = (StringValue: string) => ({ DataType: "String", StringValue });
