import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { ledgerTable } from "#adapters/aws/ledger-table.ts";

/** What every client in a test is made with; nothing comes from the environment. */
export const localConfig = (endpoint: string) => ({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
  maxAttempts: 1,
});

/** The names of the commands that a client sends, in order, as they are sent. */
export const countRequests = (client: DynamoDBClient): string[] => {
  const names: string[] = [];
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        names.push(commandName.replace(/Command$/, ""));
        return await next(args);
      },
    { step: "initialize" },
  );
  return names;
};

export interface TestDynamoDb {
  readonly client: DynamoDBClient;
  readonly endpoint: string;
  /** Makes a ledger table of its own for a test, and gives its name. */
  newTable(): Promise<string>;
  end(): Promise<void>;
}

/** dynalite on a free port of loopback. */
export const startDynamoDb = async (): Promise<TestDynamoDb> => {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new DynamoDBClient(localConfig(endpoint));
  let tables = 0;
  return {
    client,
    endpoint,
    async newTable() {
      const table = `sluice-${++tables}`;
      await client.send(new CreateTableCommand(ledgerTable(table)));
      // A table is there a moment after it was created, also where it takes no time.
      let status: string | undefined;
      while (status !== "ACTIVE") {
        const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
        status = Table?.TableStatus;
      }
      return table;
    },
    async end() {
      client.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
