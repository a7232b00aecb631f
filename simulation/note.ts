import type { Submission } from "#domain/submission/submission.ts";
import type { Submissions } from "#domain/submission/submissions.ts";
import type { Effect } from "./invariants/invariant.ts";
import type { LineView } from "./lagging.ts";
import type { World } from "./world.ts";

const ledgerWrites = [
  "accept",
  "claim",
  "giveBack",
  "cancel",
  "recordStart",
  "recordRefusal",
  "postpone",
  "recordNews",
  "requestCancel",
  "recordEnd",
  "recordGone",
  "recordCost",
  "recordPublished",
  "recordDone",
  "replaceTask",
];

const noteAcceptance = ({ records }: World, proposed: Submission, stored: boolean): void => {
  const { submissionId, fingerprint } = proposed;
  records.proposed.set(submissionId, (records.proposed.get(submissionId) ?? new Set()).add(fingerprint));
  if (stored) records.accepted.set(submissionId, [...(records.accepted.get(submissionId) ?? []), proposed]);
};

const noteLedger = (world: World, { method, given, result }: Effect): void => {
  const { records, scheduler, ledger, ledgerSnapshots, watch } = world;
  if (!ledgerWrites.includes(method)) return;
  const all = ledger.all();
  ledgerSnapshots.keep(scheduler.now(), all);
  watch.ledger(all);
  if (method === "accept") {
    const { verdict } = result as Awaited<ReturnType<Submissions["accept"]>>;
    noteAcceptance(world, given[0] as Submission, verdict === "accepted");
  }
  if (method === "cancel") {
    const { verdict, submission } = result as Awaited<ReturnType<Submissions["cancel"]>>;
    if (verdict === "cancelled") records.cancelled.set(submission.submissionId, scheduler.now());
  }
};

const noteLine = async (
  { scheduler, setups, starts, lineSnapshots, watch }: World,
  tenantId: string,
): Promise<void> => {
  if (!setups.has(tenantId)) return;
  const { active, waiting } = await starts.line(tenantId);
  const lines = new Map<string, LineView>(lineSnapshots.asOf(scheduler.now()));
  lineSnapshots.keep(scheduler.now(), lines.set(tenantId, { active, waiting }));
  watch.line(tenantId, active, waiting);
};

/** Keeps what an effect changed: for the indexes, which show it later, and for the invariants. */
export const note = async (world: World, effect: Effect): Promise<void> => {
  const { port, method, given } = effect;
  if (port === "submissions") noteLedger(world, effect);
  if (port !== "starts") return;
  if (method === "suspend") world.watch.pause(String(given[0]), given[1] !== undefined);
  if (typeof given[0] === "string") await noteLine(world, given[0]);
};
