import { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import type { Entry } from "#domain/turns/line.ts";
import { slotOf } from "#domain/turns/slot.ts";
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
 * Decides for a batch who starts at once and who waits. Nobody overtakes others of its tenant: where its last ones had to
 * wait for a slot, that is asked first, and the account's tokens are left alone.
 */
export const admit = async (services: Services, all: readonly Group[]): Promise<Admission> => {
  const admission = new Map<string, NewSubmission | ServiceError>();
  const asking: Group[] = [];
  for (const group of byTenant(all)) if (!(await settleBehind(services, group, admission))) asking.push(group);
  if (asking.length > 0) await admitByTokens(services, asking, admission);
  return admission;
};

type Admitting = Map<string, NewSubmission | ServiceError>;

/** Lets a group wait behind others of its tenant; false where it is not known that somebody waits. */
const settleBehind = async (services: Services, group: Group, admission: Admitting): Promise<boolean> => {
  const { crowded, starts } = services;
  const { tenant, planned } = group;
  const { tenantId, limits } = tenant;
  if (!crowded.has(tenantId)) return false;
  const behind = await starts.queueBehind(tenantId, planned.length, limits.maxWaiting);
  if (behind === "unsure") {
    crowded.delete(tenantId);
    return false;
  }
  for (const one of planned)
    admission.set(one.submissionId, behind === "full" ? lineFull(tenant) : waitingOne(one, "tenant-slots"));
  return true;
};

const waitingOne = (one: PlannedSubmission, waitingFor: WaitingFor): NewSubmission => ({
  ...one,
  state: "waiting",
  waitingFor,
});

/**
 * Tokens in one update for all, then slots in one update a tenant. In this order nothing has to be undone that another
 * delivery of the same request could rely on: a token belongs to nobody, so one that finds no slot is simply given back.
 * Whoever waits is counted before it is stored.
 */
const admitByTokens = async (services: Services, groups: readonly Group[], admission: Admitting): Promise<void> => {
  const wanted = groups.reduce((sum, { planned }) => sum + planned.length, 0);
  const { taken, suspended } = await services.starts.takeTokens("StartJobRun", wanted, "door");
  const waitingFor = new Map<string, WaitingFor>();
  let left = taken;
  for (const { tenant, planned } of groups) {
    const asked = planned.slice(0, left).map(slotOf);
    const entry =
      asked.length === 0 ? nobody : await services.starts.enter(tenant.tenantId, asked, tenant.limits.maxActive);
    left -= entry.entered.length;
    for (const one of planned.filter((submission) => !entry.entered.includes(slotOf(submission)))) {
      const withoutToken = suspended === undefined ? "account-rate" : "tenant-suspended";
      waitingFor.set(one.submissionId, asked.includes(slotOf(one)) ? entry.waitingFor : withoutToken);
    }
  }
  if (left > 0) await services.starts.returnTokens("StartJobRun", left);
  for (const group of groups) await settleGroup(services, group, { waitingFor, suspended }, admission);
  const waits = [...admission.values()].some((one) => "waitingFor" in one && one.waitingFor === "account-rate");
  // Held for nobody, the tokens would stay away from those who try again because their line is full.
  if (waits) await services.starts.holdTokens(services.later(holdMs));
};

const nobody: Entry = { entered: [], waitingFor: "account-rate" };

/** The refusal of a job request that would have to wait in a line that is full, with the operator's message of a pause. */
export const lineFull = ({ tenantId, limits }: Tenant, suspended?: string): ServiceError => {
  const paused = suspended === undefined ? "" : `: starts are suspended: ${suspended}`;
  return new ServiceError(
    "ERR_TENANT_BUSY",
    `Cannot take the job request for tenant "${tenantId}": at most ${limits.maxWaiting} submissions may wait, and so many do${paused}: try again later`,
    { retryAfterSeconds: 30 },
  );
};

const settleGroup = async (
  services: Services,
  { tenant, planned }: Group,
  {
    waitingFor,
    suspended,
  }: { readonly waitingFor: ReadonlyMap<string, WaitingFor>; readonly suspended: string | undefined },
  admission: Admitting,
): Promise<void> => {
  const leaseUntil = services.later(leaseMs);
  const waiting = planned.filter(({ submissionId }) => waitingFor.has(submissionId));
  const { tenantId, limits } = tenant;
  const fits = waiting.length === 0 || (await services.starts.queueUp(tenantId, waiting.length, limits.maxWaiting));
  const paused = fits ? undefined : ((await services.starts.line(tenantId)).suspended ?? suspended);
  for (const one of planned) {
    const reason = waitingFor.get(one.submissionId);
    if (reason === undefined) admission.set(one.submissionId, { ...one, state: "starting", leaseUntil });
    else admission.set(one.submissionId, fits ? waitingOne(one, reason) : lineFull(tenant, paused));
  }
  if (waiting.some(({ submissionId }) => waitingFor.get(submissionId) === "tenant-slots"))
    services.crowded.add(tenantId);
};
