import {
  DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { EMRServerlessClient, StartJobRunCommand, type StartJobRunCommandInput } from "@aws-sdk/client-emr-serverless";

/** One request as the endpoint saw it. */
export interface Call {
  readonly operation: string;
  readonly input: object;
}

const dynamodb = new DynamoDBClient({});
const emrServerless = new EMRServerlessClient({});

const senders: Readonly<Record<string, (input: object) => Promise<unknown>>> = {
  GetItem: async (input) => await dynamodb.send(new GetItemCommand(input as GetItemCommandInput)),
  Query: async (input) => await dynamodb.send(new QueryCommand(input as QueryCommandInput)),
  PutItem: async (input) => await dynamodb.send(new PutItemCommand(input as PutItemCommandInput)),
  UpdateItem: async (input) => await dynamodb.send(new UpdateItemCommand(input as UpdateItemCommandInput)),
  StartJobRun: async (input) => await emrServerless.send(new StartJobRunCommand(input as StartJobRunCommandInput)),
};

/**
 * The calls of a batch as one chain a submission: its nth call of an operation belongs to its nth submission. Chains run
 * beside each other as a batch's records do, calls of a chain one after the other.
 */
export const chainsOf = (calls: readonly Call[], submissions: number): Call[][] => {
  const seen = new Map<string, number>();
  const chains = Array.from({ length: submissions }, (): Call[] => []);
  for (const call of calls) {
    const nth = seen.get(call.operation) ?? 0;
    seen.set(call.operation, nth + 1);
    chains[nth % submissions]?.push(call);
  }
  return chains;
};

const sendChain = async (chain: readonly Call[]): Promise<void> => {
  for (const { operation, input } of chain) {
    const send = senders[operation];
    if (send === undefined) throw new Error(`Cannot make the bare call ${operation}: bench/bare-calls.ts lacks it`);
    await send(input);
  }
};

/** Makes the same calls by the bare clients. */
export const sendChains = async (chains: readonly (readonly Call[])[]): Promise<void> => {
  await Promise.all(chains.map(sendChain));
};
