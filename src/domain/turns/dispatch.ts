import { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import { type Failure, unconfirmedOf } from "#domain/submission/outcome.ts";
import { leaseMs, startSubmission } from "#domain/submission/start-submission.ts";
import type { Submission } from "#domain/submission/submission.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import { afterTurn, nextTenant, type TurnState, withoutAbsent } from "./fair-turns.ts";
import { slotOf } from "./slot.ts";

/** How long a dispatcher leads without a sign of life. Two that lead at once do no harm: every step is conditional. */
const leadMs = 15_000;

/** Waiting submissions of one tenant that are read at once where several may go one after the other. */
const pageSize = 10;

/** And after a pause, which brings one token: the one that goes, and whether another waits. They may be large. */
const pageAfterPause = 2;

/** What a dispatcher did before it stopped. */
export interface Dispatched {
  readonly verdict: "done" | "out-of-time" | "another-leads" | "suspended";
  readonly started: readonly Submission[];
  /** Turns that came to an error which nobody foresaw; the submissions are started again when their lease has run out. */
  readonly failures: readonly Failure[];
  /** Turns whose start is not confirmed: tried again as well, and until then nobody but a log can say why. */
  readonly unconfirmed: readonly Failure[];
}

/** Errors after which a dispatcher gives up its round: then it is not one submission that fails. */
const mostFailures = 5;

/** A tenant in the line: its limits, and its waiting submissions as far as they were read, at which look. */
interface Waiting {
  readonly tenant: Tenant;
  readonly submissions: Submission[];
  readonly look: number;
}

interface Round {
  readonly services: Services;
  readonly owner: string;
  readonly until: string;
  turns: TurnState;
  /** How often the line was looked at. Each pause for a token ends with a look. */
  look: number;
  /** Until when the doors are held off the tokens. */
  heldUntil: string;
  /** Tenants that could start a job now. */
  readonly ready: Map<string, Waiting>;
  readonly started: Submission[];
  readonly failures: Failure[];
  readonly unconfirmed: Failure[];
  /** Submissions that had their turn since the line was read: an index that lags may still call them waiting. */
  readonly tried: Set<string>;
}

/**
 * Gives turns to waiting submissions until none is left that could start, or until its time is up. One dispatcher leads;
 * it keeps the doors off the tokens while somebody waits for them. A crash at any point leaves at most one claimed
 * submission behind, which is started again when its lease has run out.
 */
export const dispatch = async (services: Services, owner: string, until: string): Promise<Dispatched> => {
  const first = await lead(services, owner, until);
  if (first.verdict !== "done") return first;
  // Whoever woke another dispatcher while this one led found the lead taken: a second look misses nobody.
  const second = await lead(services, owner, until);
  // Where another one leads by now, it looks instead.
  const verdict = second.verdict === "another-leads" ? first.verdict : second.verdict;
  return {
    verdict,
    started: [...first.started, ...second.started],
    failures: [...first.failures, ...second.failures],
    unconfirmed: [...first.unconfirmed, ...second.unconfirmed],
  };
};

const lead = async (services: Services, owner: string, until: string): Promise<Dispatched> => {
  const turns = await services.starts.lead(owner, services.later(leadMs));
  if (turns === undefined) return { verdict: "another-leads", started: [], failures: [], unconfirmed: [] };
  const told = { started: [], failures: [], unconfirmed: [] };
  const line = { ready: new Map(), tried: new Set<string>(), look: 0, heldUntil: "" };
  const round: Round = { services, owner, until, turns, ...line, ...told };
  const verdict = await giveTurns(round);
  await services.starts.keepTurns(owner, round.turns, services.now());
  return { verdict, started: round.started, failures: round.failures, unconfirmed: round.unconfirmed };
};

const giveTurns = async (round: Round): Promise<Dispatched["verdict"]> => {
  const { services } = round;
  await readLine(round);
  while (services.now() < round.until && round.failures.length < mostFailures) {
    const tenantId = nextTenant(round.turns, [...round.ready.keys()]);
    if (tenantId === undefined) return "done";
    await holdTokens(round, services.later(leadMs / 2));
    const tokens = await services.starts.takeTokens("StartJobRun", 1, "dispatcher");
    if (tokens.suspended !== undefined) return "suspended";
    if (tokens.taken === 0) {
      if (tokens.nextAt >= round.until) return "out-of-time";
      await holdTokens(round, tokens.nextAt);
      await services.pauseUntil(tokens.nextAt);
      if (!(await services.starts.keepTurns(round.owner, round.turns, services.later(leadMs)))) return "another-leads";
      // Whoever came while there was no token has a right to the next one.
      await readLine(round);
      continue;
    }
    await giveTurn(round, tenantId);
  }
  return "out-of-time";
};

/** Keeps the doors off the tokens for another while, unless they are held for longer than that already. */
const holdTokens = async (round: Round, longerThan: string): Promise<void> => {
  if (round.heldUntil > longerThan) return;
  const until = round.services.later(leadMs);
  await round.services.starts.holdTokens(until);
  round.heldUntil = until;
};

/** Reads who waits and could start. A tenant that could not would take the account's tokens and come to nothing. */
const readLine = async (round: Round): Promise<void> => {
  const { services, ready, tried } = round;
  tried.clear();
  round.look += 1;
  const waiting = await services.starts.waitingTenants();
  round.turns = withoutAbsent(round.turns, new Set(waiting));
  for (const tenantId of ready.keys()) if (!waiting.includes(tenantId)) ready.delete(tenantId);
  for (const tenantId of waiting) {
    const tenant = await readTenant(services, tenantId);
    const known = ready.get(tenantId);
    if (tenant === undefined) ready.delete(tenantId);
    // A dispatcher may lead for minutes: limits that change meanwhile count from the next look at the line on.
    else if (known !== undefined) ready.set(tenantId, { ...known, tenant });
    else if (await mayStart(services, tenant)) await readPage(round, tenant);
  }
};

/** A tenant whose record cannot be read waits, and takes no turn from the others. */
const readTenant = async ({ tenants }: Services, tenantId: string): Promise<Tenant | undefined> => {
  try {
    return (await tenants.byId(tenantId))?.tenant;
  } catch (error) {
    if (error instanceof ServiceError && error.code === "ERR_TENANT_UNREADABLE") return undefined;
    throw error;
  }
};

/** The next waiting submissions of a tenant; one that has none of them is not ready. */
const readPage = async (round: Round, tenant: Tenant, size = pageSize): Promise<void> => {
  const { services, ready, tried, look } = round;
  const page = await services.submissions.waiting(tenant.tenantId, size + Math.min(tried.size, pageSize * 5));
  const submissions = page.filter(({ submissionId }) => !tried.has(submissionId)).slice(0, size);
  if (submissions.length > 0) ready.set(tenant.tenantId, { tenant, submissions, look });
  else ready.delete(tenant.tenantId);
};

const mayStart = async (services: Services, { tenantId, limits }: Tenant): Promise<boolean> => {
  const { active, suspended } = await services.starts.line(tenantId);
  return suspended === undefined && active.length < limits.maxActive;
};

/** One turn of one tenant, with a token in hand. A token that comes to nothing is lost, which only costs an interval. */
const giveTurn = async (round: Round, tenantId: string): Promise<void> => {
  const { ready, tried, failures } = round;
  const known = ready.get(tenantId);
  // Since the page was read, one of higher priority may have come.
  if (known !== undefined && known.look < round.look) await readPage(round, known.tenant, pageAfterPause);
  const waiting = ready.get(tenantId);
  const submission = waiting?.submissions.shift();
  if (waiting === undefined || submission === undefined) {
    ready.delete(tenantId);
    return;
  }
  tried.add(submission.submissionId);
  try {
    await startInTurn(round, waiting.tenant, submission);
  } catch (error) {
    // One submission's fault must not take the others' turns.
    failures.push({ submissionId: submission.submissionId, error });
  }
  if (waiting.submissions.length === 0 && ready.has(tenantId)) await readPage(round, waiting.tenant);
};

const startInTurn = async (round: Round, { tenantId, limits }: Tenant, submission: Submission): Promise<void> => {
  const { services, ready, unconfirmed } = round;
  const claimed = await services.submissions.claim(submission, services.later(leaseMs));
  // It was cancelled, or another dispatcher has it.
  if (claimed === undefined) return;
  const slot = await services.starts.takeTurn(tenantId, slotOf(claimed), limits.maxActive);
  if (slot !== "taken") {
    ready.delete(tenantId);
    await services.submissions.giveBack(claimed, slot === "full" ? "tenant-slots" : "tenant-suspended");
    return;
  }
  round.turns = afterTurn(round.turns, tenantId, limits.weight);
  const outcome = await startSubmission(services, claimed);
  if (outcome.verdict === "started") round.started.push(outcome.submission);
  unconfirmed.push(...unconfirmedOf(outcome));
};
