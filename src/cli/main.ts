import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { applyTenants } from "#adapters/aws/apply-tenants.ts";
import { removeTenant } from "#adapters/aws/remove-tenant.ts";
import { strayTenants } from "#adapters/aws/stray-tenants.ts";
import { run } from "./run.ts";

const withClient = async <T>(work: (client: DynamoDBClient) => Promise<T>): Promise<T> => {
  const client = new DynamoDBClient({});
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
};

process.exitCode = await run(process.argv.slice(2), {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  defaultTable: process.env["SLUICE_TABLE"],
  apply: async (table, setups) => await withClient((client) => applyTenants(client, table, setups)),
  strays: async (table, known) => await withClient((client) => strayTenants(client, table, known)),
  remove: async (table, tenantId) => await withClient((client) => removeTenant(client, table, tenantId)),
});
