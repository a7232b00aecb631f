import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { applyTenants } from "#adapters/aws/apply-tenants.ts";
import { run } from "./run.ts";

process.exitCode = await run(process.argv.slice(2), {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  defaultTable: process.env["SLUICE_TABLE"],
  apply: async (table, setups) => {
    const client = new DynamoDBClient({});
    try {
      return await applyTenants(client, table, setups);
    } finally {
      client.destroy();
    }
  },
});
