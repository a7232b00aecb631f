import { explainingHere } from "#cli/explaining-here.ts";
import { type OperatorLedger, operatorLedger } from "#cli/operator-ledger.ts";
import { run } from "#cli/run.ts";
import type { Terminal } from "#cli/terminal.ts";
import type { TestDynamoDb } from "#test/helpers/dynamodb.ts";
import { noon } from "#test/helpers/setup.ts";

const never = (): never => {
  throw new Error("not asked for");
};

/** What the command line writes, and what it ends with. */
export interface Ran {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** Runs a command line in this process, with Ada at the terminal at noon; what a test does not give is not there. */
export const runWith = async (own: Partial<Terminal>, ...args: readonly string[]): Promise<Ran> => {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(args, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    defaultTable: "tenants",
    by: "ada",
    now: () => noon,
    asker: undefined,
    explaining: () => explainingHere({ AWS_REGION: "us-east-1" }),
    ledger: never,
    redrive: never,
    ...own,
  });
  return { code, out, err };
};

/** Runs command lines on a table of the embedded DynamoDB. */
export const runOn =
  ({ client }: TestDynamoDb, table: () => string, own: Partial<Terminal> = {}) =>
  async (...args: readonly string[]): Promise<Ran> => {
    const ledger = (name: string): OperatorLedger => operatorLedger(client, name, () => noon);
    return await runWith({ defaultTable: table(), ledger, ...own }, ...args);
  };
