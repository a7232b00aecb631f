import { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import type { PlannedSubmission } from "./proposal.ts";
import { leaseMs } from "./start-submission.ts";
import type { NewSubmission, WaitingFor } from "./submission.ts";

/** How long the doors leave StartJobRun's tokens to the dispatcher after one of them got none. */
const holdMs = 5_000;

/** What planned submissions become, by id: starting or waiting, or the error of a line that is full. */
export type Admission = ReadonlyMap<string, NewSubmission | Error>;

interface Group {
  readonly tenant: Tenant;
  readonly planned: readonly PlannedSubmission[];
}

const byTenant = (all: readonly Group[]): Group[] => {
  const groups = new Map<string, Group>();
  for (const { tenant, planned } of all) {
    const before = groups.get(tenant.tenantId)?.planned ?? [];
    // The same message twice in one batch asks once.
    const fresh = planned.filter(({ submissionId }) => !before.some((other) => other.submissionId === submissionId));
    groups.set(tenant.tenantId, { tenant, planned: [...before, ...fresh] });
  }
  return [...groups.values()];
};

/**
 * Decides for a batch who starts at once and who waits: slots in one update a tenant, tokens in one update for all.
 * A slot without a token is given back; whoever waits is counted before it is stored.
 */
export const admit = async (services: Services, all: readonly Group[]): Promise<Admission> => {
  const groups = byTenant(all);
  const waitingFor = new Map<string, WaitingFor>();
  const entered: { tenantId: string; submissionId: string }[] = [];
  for (const { tenant, planned } of groups) {
    const ids = planned.map(({ submissionId }) => submissionId);
    const entry = await services.starts.enter(tenant.tenantId, ids, tenant.limits.maxActive);
    for (const id of ids) {
      if (entry.entered.includes(id)) entered.push({ tenantId: tenant.tenantId, submissionId: id });
      else waitingFor.set(id, entry.waitingFor);
    }
  }
  const without = await withoutToken(services, entered);
  for (const { submissionId, reason } of without) waitingFor.set(submissionId, reason);
  const admission = new Map<string, NewSubmission | ServiceError>();
  for (const group of groups) await settleGroup(services, group, waitingFor, admission);
  const waits = [...admission.values()].some((one) => "waitingFor" in one && one.waitingFor === "account-rate");
  // Held for nobody, the tokens would stay away from those who try again because their line is full.
  if (waits) await services.starts.holdTokens(services.later(holdMs));
  return admission;
};

/** Takes tokens for those with a slot; the ones that got none leave their slots again. */
const withoutToken = async (
  services: Services,
  entered: readonly { readonly tenantId: string; readonly submissionId: string }[],
): Promise<{ submissionId: string; reason: WaitingFor }[]> => {
  if (entered.length === 0) return [];
  const { taken, suspended } = await services.starts.takeTokens("StartJobRun", entered.length, "door");
  const left = entered.slice(taken);
  if (left.length === 0) return [];
  for (const { tenantId, submissionId } of left) {
    // The slot may be that of the same request's first delivery, which goes on.
    const first = await services.submissions.get(submissionId);
    if (first === undefined) await services.starts.leave(tenantId, [submissionId]);
  }
  const reason = suspended === undefined ? "account-rate" : "tenant-suspended";
  return left.map(({ submissionId }) => ({ submissionId, reason }));
};

const lineFull = ({ tenantId, limits }: Tenant): ServiceError =>
  new ServiceError(
    "ERR_TENANT_BUSY",
    `Cannot take the job request for tenant "${tenantId}": at most ${limits.maxWaiting} submissions may wait, and so many do: try again later`,
    { retryAfterSeconds: 30 },
  );

const settleGroup = async (
  services: Services,
  { tenant, planned }: Group,
  waitingFor: ReadonlyMap<string, WaitingFor>,
  admission: Map<string, NewSubmission | ServiceError>,
): Promise<void> => {
  const leaseUntil = services.later(leaseMs);
  const waiting = planned.filter(({ submissionId }) => waitingFor.has(submissionId));
  const { tenantId, limits } = tenant;
  const fits = waiting.length === 0 || (await services.starts.queueUp(tenantId, waiting.length, limits.maxWaiting));
  for (const one of planned) {
    const reason = waitingFor.get(one.submissionId);
    if (reason === undefined) admission.set(one.submissionId, { ...one, state: "starting", leaseUntil });
    else admission.set(one.submissionId, fits ? { ...one, state: "waiting", waitingFor: reason } : lineFull(tenant));
  }
};
