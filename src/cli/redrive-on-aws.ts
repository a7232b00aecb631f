import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { dynamodbSubmissions } from "#adapters/aws/dynamodb-submissions.ts";
import { dynamodbTenants } from "#adapters/aws/dynamodb-tenants.ts";
import { dynamodbUsage } from "#adapters/aws/dynamodb-usage.ts";
import { openRedriveQueues } from "#adapters/aws/sqs-redrive.ts";
import { readEnvelopeQueues, readOperatorSenders } from "../functions/config.ts";
import { judgeMessage } from "./judge-message.ts";
import { type Redrive, redrive } from "./redrive.ts";
import type { RedriveOptions } from "./redrive-options.ts";

export interface RedriveSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the AWS clients are made with, besides the SDK's own settings. */
  readonly client: Pick<DynamoDBClientConfig, "endpoint" | "region" | "credentials">;
  readonly out: (line: string) => void;
  readonly now: () => number;
}

/** What the queue door believes: without it nobody could tell what would become of a message. */
const readBeliefs = (environment: RedriveSurroundings["environment"]) => {
  const faults: string[] = [];
  const operatorSenders = readOperatorSenders(environment["SLUICE_OPERATOR_SENDERS"], faults);
  const envelopeQueues = readEnvelopeQueues(environment["SLUICE_ENVELOPE_QUEUES"], faults);
  if (operatorSenders.length === 0) {
    faults.push(
      "SLUICE_OPERATOR_SENDERS must be set as the function queue has it, or a moved message starts a second job",
    );
  }
  if (faults.length > 0) throw new Error(faults.join("; "));
  return { operatorSenders, envelopeQueues };
};

/** `sluice redrive` on AWS, or on what stands in for it. */
export const redriveOnAws = async (
  { environment, client, out, now }: RedriveSurroundings,
  table: string,
  options: RedriveOptions,
): Promise<Redrive> => {
  const beliefs = readBeliefs(environment);
  const dynamodb = new DynamoDBClient(client);
  const sqs = new SQSClient(client);
  try {
    const queues = await openRedriveQueues(sqs, options.from, options.to);
    const context = {
      services: { tenants: dynamodbTenants(dynamodb, table, { now }) },
      accountId: queues.targetArn.split(":")[4] ?? "",
      ...beliefs,
      planning: {
        digest: (text: string) => createHash("sha256").update(text, "utf8").digest("base64url"),
        now: () => new Date(now()).toISOString(),
        submissions: dynamodbSubmissions(dynamodb, table),
        usage: dynamodbUsage(dynamodb, table, { now }),
      },
    };
    return await redrive(
      {
        queues,
        judge: async (record) => await judgeMessage(context, record),
        operatorSenders: beliefs.operatorSenders,
        now,
        pause: async (milliseconds) => await pause(milliseconds),
        out,
      },
      options,
    );
  } finally {
    dynamodb.destroy();
    sqs.destroy();
  }
};
