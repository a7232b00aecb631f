import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamodbTenants } from "#adapters/aws/dynamodb-tenants.ts";
import type { Proof } from "#domain/tenant/tenant-setup.ts";
import { median } from "./median.ts";
import { table } from "./table.ts";
import { tenantCounts, tenantIdAt } from "./tenants-setup.ts";
import { startProcess } from "./turns-processes.ts";
import { openDoor } from "./turns-requests.ts";
import { queueArnOf, queueNameOf, region } from "./turns-setup.ts";

export interface TenantsScale {
  readonly rounds: number;
  /** Lookups of a round. */
  readonly lookups: number;
  /** Submissions of a round. */
  readonly submissions: number;
}

export const tenantsScales: Readonly<Record<"quick" | "full", TenantsScale>> = {
  quick: { rounds: 5, lookups: 20_000, submissions: 10 },
  full: { rounds: 25, lookups: 100_000, submissions: 40 },
};

type TableName = keyof typeof tenantCounts;
const names: readonly TableName[] = ["few", "many"];

/** Tenants that a function keeps in its memory (dynamodb-tenants.ts). */
const kept = 500;

/** Milliseconds of CPU time of this process. */
const cpuMs = async (work: () => Promise<void>): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** Microseconds a lookup by a proof, of tenants that are in memory, one after the other. */
const warmLookup = async (url: string, { rounds, lookups }: TenantsScale): Promise<number> => {
  const client = new DynamoDBClient({ endpoint: url, region, credentials: { accessKeyId: "b", secretAccessKey: "b" } });
  const tenants = dynamodbTenants(client, "many", { now: () => 0 });
  const proofs = Array.from({ length: kept }, (_, at): Proof => `queue#${queueArnOf(queueNameOf(tenantIdAt(at)))}`);
  const lookUpAll = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at += 1) {
      const [found] = await tenants.provedBy(proofs[at % kept]!);
      if (found === undefined) throw new Error("Cannot measure lookups: a tenant was not found");
    }
  };
  await lookUpAll(kept * 20);
  const measured: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    measured.push((await cpuMs(async () => await lookUpAll(lookups))) * (1000 / lookups));
  }
  client.destroy();
  return median(measured);
};

/** Nobody waits for a token. */
const rates = { StartJobRun: { perSecond: 1000, burst: 10_000 } };

interface Submitted {
  readonly requests: number;
  /** Milliseconds of CPU time a submission. */
  readonly ms: number;
}

/** One message each to a door that does not know its tenant yet: its lookup is a part of what is measured. */
const submitRound = async (url: string, name: TableName, count: number): Promise<Submitted> => {
  // Ten tenants from all over the table, so that their lines fill alike in both.
  const step = tenantCounts[name] / tenantCounts.few;
  const ids = Array.from({ length: count }, (_, at) => tenantIdAt((at % tenantCounts.few) * step));
  const doors = ids.map((tenantId) => ({ tenantId, door: openDoor(url, name, rates) }));
  const connect = doors.map(async ({ door }) => await door.warmUp());
  await Promise.all(connect);
  const ms = await cpuMs(async () => {
    for (const { tenantId, door } of doors) await door.call(tenantId, 1);
  });
  if (doors.some(({ door }) => door.jobRuns.started.length !== 1)) throw new Error("Cannot measure: a job waited");
  const requests = doors.map(({ door }) => Object.values(door.operations).reduce((sum, one) => sum + one, 0));
  for (const { door } of doors) door.end();
  return { requests: Math.max(...requests), ms: ms / count };
};

const submitRounds = async (url: string, { rounds, submissions }: TenantsScale) => {
  const found: Record<TableName, Submitted[]> = { few: [], many: [] };
  for (let round = 0; round < rounds + 2; round += 1) {
    // In turns, and each first in every other round: whatever the machine does meets both.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const submitted = await submitRound(url, name, submissions);
      // The first rounds warm up.
      if (round >= 2) found[name].push(submitted);
    }
  }
  return found;
};

const bar = (met: boolean, text: string): string => `${met ? "met    " : "NOT MET"}  ${text}`;

/** What looking up a tenant costs, warm, and beside few and many others in the table. */
export const measureTenants = async (scale: TenantsScale): Promise<string> => {
  const aws = startProcess<object, { readonly url: string }>("bench/tenants-aws-process.ts", [], {});
  try {
    const { url } = await aws.ask({});
    const lookup = await warmLookup(url, scale);
    const { few, many } = await submitRounds(url, scale);
    const ratio = median(many.map(({ ms }, at) => ms / (few[at]?.ms ?? Number.NaN)));
    const requests = {
      few: Math.max(...few.map((one) => one.requests)),
      many: Math.max(...many.map((one) => one.requests)),
    };
    const row = (name: string, found: readonly Submitted[], most: number) => [
      name,
      String(most),
      median(found.map(({ ms }) => ms)).toFixed(2),
    ];
    return [
      table(
        ["a submission of a tenant that is not in memory", "DynamoDB requests", "CPU ms"],
        [
          row(`${tenantCounts.few} tenants in the table`, few, requests.few),
          row(`${tenantCounts.many.toLocaleString("en")} tenants in the table`, many, requests.many),
        ],
      ),
      `Lookup of a tenant that is in memory, by its proof: ${lookup.toFixed(2)} µs of CPU time`,
      [
        "Bars",
        bar(lookup <= 5, `a warm lookup takes at most 5 µs: ${lookup.toFixed(2)}`),
        bar(
          requests.many === requests.few,
          `10,000 tenants take no more requests than 10: ${requests.many} and ${requests.few}`,
        ),
        bar(
          ratio <= 1.1,
          `nor more CPU time, 10 % for the machine: ${ratio.toFixed(2)}x, median of ${few.length} rounds in turns`,
        ),
      ].join("\n  "),
      `Method
  CPU time of this process alone: the embedded DynamoDB runs in another. Lookups: ${scale.lookups.toLocaleString("en")} a round over ${kept} tenants in memory, ${scale.rounds} rounds.
  Submissions: one message each to a queue door that starts it at once and knows no tenant yet,
    ${scale.submissions} a round, of ten tenants from all over the table.`,
    ].join("\n\n");
  } finally {
    await aws.end();
  }
};
