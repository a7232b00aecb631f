import { Level } from "level";
import { type Ask, call, listTables } from "./table-calls.ts";

interface Index {
  readonly IndexStatus?: string;
}

/** As dynalite 4.0.0 writes it: tables under "table~<name>", items under "item-<name>~…", indexes under "index-…". */
interface StoredTable {
  readonly TableName: string;
  readonly TableStatus: string;
  readonly GlobalSecondaryIndexes?: readonly Index[];
  readonly LocalSecondaryIndexes?: readonly Index[];
}

/** Without a server on them: ends what was under way with tables, and empties all indexes. */
export async function finishTables(path: string): Promise<void> {
  const level = new Level<string, unknown>(path, { valueEncoding: "json" });
  await level.clear({ gte: "index-", lt: "index." });
  const tables = (await level.iterator({ gte: "table~", lt: "table\x7f" }).all()) as [string, StoredTable][];
  for (const [key, table] of tables) {
    if (table.TableStatus === "DELETING") {
      await level.clear({ gte: `item-${table.TableName}~`, lt: `item-${table.TableName}\x7f` });
      await level.del(key);
    } else await level.put(key, active(table));
  }
  await level.close();
}

function active({ GlobalSecondaryIndexes: indexes, ...table }: StoredTable): StoredTable {
  const ready = indexes?.map((index) => ({ ...index, IndexStatus: "ACTIVE" }));
  return { ...table, TableStatus: "ACTIVE", ...(ready && { GlobalSecondaryIndexes: ready }) };
}

/** Puts every item of tables that have indexes as it is, which makes its entries in them. */
export async function putItemsAgain(ask: Ask): Promise<void> {
  for (const TableName of await listTables(ask)) {
    const { Table: table } = await call<{ Table: StoredTable }>(ask, "DescribeTable", { TableName });
    if (table.GlobalSecondaryIndexes || table.LocalSecondaryIndexes) await putTableAgain(ask, TableName);
  }
}

async function putTableAgain(ask: Ask, TableName: string): Promise<void> {
  let ExclusiveStartKey: unknown;
  do {
    const page = await call<{ Items: object[]; LastEvaluatedKey?: object }>(ask, "Scan", {
      TableName,
      ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }),
    });
    for (const Item of page.Items) await call(ask, "PutItem", { TableName, Item });
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
}
