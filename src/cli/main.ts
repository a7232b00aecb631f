import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { applyTenants } from "#adapters/aws/apply-tenants.ts";
import { dynamodbStarts } from "#adapters/aws/dynamodb-starts.ts";
import { dynamodbTenants } from "#adapters/aws/dynamodb-tenants.ts";
import { removeTenant } from "#adapters/aws/remove-tenant.ts";
import { strayTenants } from "#adapters/aws/stray-tenants.ts";
import { redriveOnAws } from "./redrive-on-aws.ts";
import { run, type Terminal } from "./run.ts";

const withClient = async <T>(work: (client: DynamoDBClient) => Promise<T>): Promise<T> => {
  const client = new DynamoDBClient({});
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
};

/** A tenant that is not there would be paused for nobody, and a mistyped name would be found too late. */
const suspend: Terminal["suspend"] = async (table, tenantId, message) =>
  await withClient(async (client) => {
    const known = tenantId === undefined || (await dynamodbTenants(client, table, { now: Date.now }).byId(tenantId));
    if (known === undefined) return { verdict: "absent" };
    const starts = dynamodbStarts(client, table, { now: () => new Date().toISOString() });
    await starts.suspend(tenantId ?? "*", message);
    return { verdict: "done" };
  });

const out = (line: string): void => console.log(line);

process.exitCode = await run(process.argv.slice(2), {
  out,
  err: (line) => console.error(line),
  defaultTable: process.env["SLUICE_TABLE"],
  apply: async (table, setups) => await withClient((client) => applyTenants(client, table, setups)),
  strays: async (table, known) => await withClient((client) => strayTenants(client, table, known)),
  remove: async (table, tenantId) => await withClient((client) => removeTenant(client, table, tenantId)),
  suspend,
  redrive: async (table, options) =>
    await redriveOnAws({ environment: process.env, client: {}, out, now: Date.now }, table, options),
});
