import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { askOn } from "./ask.ts";
import { explainingHere } from "./explaining-here.ts";
import { operatorLedger } from "./operator-ledger.ts";
import { redriveOnAws } from "./redrive-on-aws.ts";
import { run } from "./run.ts";

const out = (line: string): void => console.log(line);
const now = (): string => new Date().toISOString();

let client: DynamoDBClient | undefined;
const dynamodb = (): DynamoDBClient => {
  client ??= new DynamoDBClient({});
  return client;
};

try {
  process.exitCode = await run(process.argv.slice(2), {
    out,
    err: (line) => console.error(line),
    defaultTable: process.env["SLUICE_TABLE"],
    by: process.env["USER"] || process.env["USERNAME"] || "unknown",
    now,
    asker: process.stdin.isTTY ? () => askOn(process.stdin, process.stderr) : undefined,
    explaining: () => explainingHere(process.env),
    ledger: (table) => operatorLedger(dynamodb(), table, now),
    redrive: async (table, options) =>
      await redriveOnAws({ environment: process.env, client: {}, out, now: Date.now }, table, options),
  });
} finally {
  client?.destroy();
}
