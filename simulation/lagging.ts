import type { MemorySubmissions } from "#adapters/memory/memory-submissions.ts";
import { dueBefore, dueOf } from "#domain/submission/due.ts";
import type { Submission } from "#domain/submission/submission.ts";
import type { Submissions } from "#domain/submission/submissions.ts";
import { defaultPriority, turnKeyOf } from "#domain/turns/fair-turns.ts";
import type { Starts } from "#domain/turns/starts.ts";
import type { Snapshots } from "./snapshots.ts";

const turnKey = ({ priority = defaultPriority, acceptedAt, submissionId }: Submission): string =>
  turnKeyOf(priority, acceptedAt, submissionId);

const inTurn = (all: readonly Submission[], tenantId: string): Submission[] =>
  all
    .filter((found) => found.state === "waiting" && found.tenantId === tenantId)
    .sort((one, other) => (turnKey(one) < turnKey(other) ? -1 : 1));

/** The ledger with its indexes behind its table: reads by anything but the id see the table as it was. */
export const laggingSubmissions = (
  ledger: MemorySubmissions,
  snapshots: Snapshots<readonly Submission[]>,
  asOf: () => number,
): Submissions => ({
  ...ledger,
  waiting: async (tenantId, limit) => inTurn(snapshots.asOf(asOf()), tenantId).slice(0, limit),
  countWaiting: async (tenantId) => inTurn(snapshots.asOf(asOf()), tenantId).length,
  ahead: async ({ tenantId, submissionId }) => {
    const place = inTurn(snapshots.asOf(asOf()), tenantId).findIndex((other) => other.submissionId === submissionId);
    return Math.max(0, place);
  },
  due: async (kind, now, limit) => dueBefore(snapshots.asOf(asOf()), kind, now).slice(0, limit),
  countDue: async (kind) => snapshots.asOf(asOf()).filter((found) => dueOf(found)?.kind === kind).length,
  byJobRun: async (applicationId, jobRunId) =>
    snapshots.asOf(asOf()).find((found) => found.applicationId === applicationId && found.jobRunId === jobRunId),
});

/** How a tenant's line is known to the indexes. */
export interface LineView {
  readonly active: readonly string[];
  readonly waiting: number;
}

export const laggingStarts = (
  starts: Starts,
  snapshots: Snapshots<ReadonlyMap<string, LineView>>,
  asOf: () => number,
): Starts => ({
  ...starts,
  waitingTenants: async () =>
    [...snapshots.asOf(asOf())].filter(([, { waiting }]) => waiting > 0).map(([tenantId]) => tenantId),
  activeTenants: async (after = "") =>
    [...snapshots.asOf(asOf())]
      .filter(([tenantId, { active }]) => active.length > 0 && tenantId > after)
      .map(([tenantId]) => tenantId)
      .sort(),
});
