import { createHash } from "node:crypto";
import type { Context } from "aws-lambda";
import { readTenantFiles } from "#adapters/files/tenant-files.ts";
import { tenantProofOf, valuesOf } from "#domain/proof/provable.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import type { DoorConfig } from "#handlers/door.ts";

export const region = "us-east-1";
export const accountId = "111122223333";
export const tableName = "sluice";

/** What each message of the bench asks for, at the door of ours and at the usual one. */
export const jobRequest = { jobTemplate: "daily-load", parameters: { date: "2026-11-21", feed: "orders" } };

export const queueArnOf = (name: string): string => `arn:aws:sqs:${region}:${accountId}:${name}`;

export const queueNameOf = (tenantId: string, round = 0): string => `${tenantId}-jobs-${round}`;

/** The example's values under another id: its buckets and its database are called after it. */
const ownVariables = ({ tenantId, policy }: Tenant, id: string): Record<string, string> =>
  Object.fromEntries(Object.entries(policy.variables).map(([name, value]) => [name, value.replaceAll(tenantId, id)]));

/** A job starts only under the policy that was proved of its very tenant. */
export const withProof = (setup: TenantSetup): TenantSetup => {
  const values = valuesOf(setup);
  if (values === undefined) throw new Error("Cannot run the bench: a tenant's variables have no values");
  return { ...setup, proof: tenantProofOf(setup, values, digest) };
};

/** The tenant initech of the example setup. */
export const exampleSetup = async (): Promise<TenantSetup> => {
  const files = await readTenantFiles(".");
  const example =
    files.verdict === "read" ? files.setups.find(({ tenant }) => tenant.tenantId === "initech") : undefined;
  if (example === undefined) throw new Error("Cannot run the bench: the example tenant initech cannot be read");
  return example;
};

/** Tenants like initech of the example setup, each proved by queues of its own and by nothing else. */
export const tenantsLike = async (
  limits: Readonly<Record<string, Partial<Tenant["limits"]>>>,
  queues = 1,
): Promise<readonly TenantSetup[]> => {
  const example = await exampleSetup();
  const { tenant } = example;
  return Object.entries(limits).map(([tenantId, own]) =>
    withProof({
      ...example,
      tenant: {
        ...tenant,
        tenantId,
        policy: { ...tenant.policy, variables: ownVariables(tenant, tenantId) },
        limits: { ...tenant.limits, ...own },
        queues: Array.from({ length: queues }, (_, round) => ({
          envelopes: [],
          arn: queueArnOf(queueNameOf(tenantId, round)),
        })),
        callers: [],
        eventSources: [],
        schedules: [],
        triggers: [],
      },
    }),
  );
};

export const doorConfig: DoorConfig = { accountId, jwtClaims: [], authorizerKeys: [], envelopeQueues: {} };

export const digest = (text: string): string => createHash("sha256").update(text, "utf8").digest("base64url");

/** One SQS message as Lambda hands it over. */
export const recordOf = (messageId: string, queueName: string, receives = 1) => ({
  messageId,
  receiptHandle: messageId,
  body: JSON.stringify(jobRequest),
  attributes: {
    ApproximateReceiveCount: String(receives),
    SentTimestamp: "1795348800000",
    SenderId: "AROABENCH00000000001:bench",
    ApproximateFirstReceiveTimestamp: "1795348800001",
  },
  messageAttributes: {},
  md5OfBody: "e4e68fb7bd0e697a0ae8f1bb342846b3",
  eventSource: "aws:sqs",
  eventSourceARN: queueArnOf(queueName),
  awsRegion: region,
});

/** A round has queues of its own: a poll that was given up may still take a message of the queue that it waits at. */
export const mostRounds = 30;

/** The tenants of what is measured on the embedded AWS: one for each function that is measured. */
export const benchTenants = async (): Promise<readonly TenantSetup[]> =>
  await tenantsLike(
    {
      poller: {},
      usual: {},
      starts: { maxActive: 1000 },
      held: { maxActive: 1000, maxWaiting: 1_000_000 },
      waits: { maxActive: 1, maxWaiting: 1_000_000 },
    },
    mostRounds,
  );

/** The second argument of a handler on Lambda, as far as the handlers here read it. */
export const contextOf = (awsRequestId: string, now: () => number): Context => {
  const ends = now() + 60_000;
  return { awsRequestId, getRemainingTimeInMillis: () => ends - now() } as Context;
};
