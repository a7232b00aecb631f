import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  type Select,
  UpdateItemCommand,
  type UpdateItemCommandOutput,
} from "@aws-sdk/client-dynamodb";
import { conditionalWrite, ledgerCall, ledgerDown } from "./ledger-call.ts";

export type Item = Record<string, AttributeValue>;

/** One conditional update of one item. */
export interface ItemChange {
  readonly key: Item;
  /** What it is for, as a message says it after "Cannot". */
  readonly task: string;
  readonly update: string;
  readonly when?: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Item;
}

/** A query of the table as it is now, or of an index: that reads what the index has, and may lag behind the table. */
export interface LedgerQuery {
  readonly task: string;
  readonly index?: string;
  readonly where: string;
  readonly values: Item;
  readonly limit?: number;
}

/** Items that are read at once (Amazon DynamoDB API Reference, "BatchGetItem"). */
const batchSize = 100;

/** How often DynamoDB is asked for what it left over of a batch: it hands out 16 MB at once. */
const batchTries = 10;

/** What the adapters ask of the one table. */
export interface LedgerItems {
  /** Reads an item as it is now. */
  get(key: Item, task: string): Promise<Item | undefined>;
  /** Reads items as they are now, in no order; what is not there is left out. */
  getAll(keys: readonly Item[], task: string): Promise<readonly Item[]>;
  /** Hands back the changed item, or nothing where the condition does not hold. */
  update(change: ItemChange): Promise<Item | undefined>;
  /** The same where the item need not come back, which may be large: says whether the condition holds. */
  write(change: ItemChange): Promise<boolean>;
  /** What a query finds, a page at a time. */
  pages(query: LedgerQuery): AsyncGenerator<readonly Item[]>;
  /** How much a query finds. */
  count(query: LedgerQuery): Promise<number>;
}

export const ledgerItems = (client: DynamoDBClient, table: string): LedgerItems => {
  const queryPages = async function* (
    { task, index, where, values, limit }: LedgerQuery,
    select: Select | undefined,
  ): AsyncGenerator<QueryCommandOutput> {
    let from: Item | undefined;
    do {
      const command: QueryCommand = new QueryCommand({
        TableName: table,
        IndexName: index,
        ConsistentRead: index === undefined,
        KeyConditionExpression: where,
        ExpressionAttributeValues: values,
        Select: select,
        Limit: limit,
        ExclusiveStartKey: from,
      });
      const page: QueryCommandOutput = await ledgerCall(task, () => client.send(command));
      yield page;
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
  };

  const getBatch = async (keys: readonly Item[], task: string): Promise<readonly Item[]> => {
    const found: Item[] = [];
    let left: Item[] | undefined = [...keys];
    for (let attempt = 0; attempt < batchTries; attempt += 1) {
      const command: BatchGetItemCommand = new BatchGetItemCommand({
        RequestItems: { [table]: { Keys: left, ConsistentRead: true } },
      });
      const { Responses, UnprocessedKeys } = await ledgerCall(task, () => client.send(command));
      found.push(...(Responses?.[table] ?? []));
      left = UnprocessedKeys?.[table]?.Keys;
      if (left === undefined || left.length === 0) return found;
    }
    throw ledgerDown(task, undefined);
  };

  const updateItem = async (
    { key, task, update, when, names, values }: ItemChange,
    returned: "ALL_NEW" | "NONE",
  ): Promise<UpdateItemCommandOutput | undefined> => {
    const command = new UpdateItemCommand({
      TableName: table,
      Key: key,
      ConditionExpression: when,
      UpdateExpression: update,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
      ReturnValues: returned,
    });
    return await conditionalWrite(task, () => client.send(command));
  };

  return {
    async getAll(keys, task) {
      const found: Item[] = [];
      for (let from = 0; from < keys.length; from += batchSize)
        found.push(...(await getBatch(keys.slice(from, from + batchSize), task)));
      return found;
    },
    async get(key, task) {
      const command = new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true });
      const { Item } = await ledgerCall(task, () => client.send(command));
      return Item;
    },
    update: async (change) => (await updateItem(change, "ALL_NEW"))?.Attributes,
    write: async (change) => (await updateItem(change, "NONE")) !== undefined,
    async *pages(query) {
      for await (const { Items = [] } of queryPages(query, undefined)) yield Items;
    },
    async count(query) {
      let count = 0;
      for await (const { Count = 0 } of queryPages(query, "COUNT")) count += Count;
      return count;
    },
  };
};
