import type { Services } from "#domain/ports.ts";
import { nextTenant } from "./fair-turns.ts";
import { giveTurn } from "./give-turn.ts";
import { readLine } from "./read-line.ts";
import type { Done, Round } from "./round.ts";

/** How long a dispatcher leads without a sign of life. Two that lead at once do no harm: every step is conditional. */
const leadMs = 15_000;

/** How long a look at the line counts while there are tokens: whoever comes meanwhile waits no longer than this for a turn. */
const lookMs = 1000;

/** Starts that are under way at once. One takes some hundred milliseconds, and an account may have a rate of many a second. */
const mostUnderWay = 10;

/** Errors after which a dispatcher gives up its round: then it is not one submission that fails. */
const mostFailures = 5;

/** What a dispatcher did, and why it stopped. */
export interface Dispatched extends Readonly<Done> {
  readonly verdict: "done" | "out-of-time" | "another-leads" | "suspended" | "failed";
  /** What it failed on, after it had done what it says. */
  readonly error?: unknown;
}

/**
 * Gives turns to waiting submissions until none is left that could start, or until its time is up. One dispatcher leads;
 * it keeps the doors off the tokens while somebody waits for them. A crash at any point leaves only claimed submissions
 * behind, ten at most, which are started again when their leases have run out.
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
    ...(second.error !== undefined && { error: second.error }),
  };
};

const nothingDone = (): Done => ({ started: [], failures: [], unconfirmed: [] });

const lead = async (services: Services, owner: string, until: string): Promise<Dispatched> => {
  const done = nothingDone();
  const underWay = new Set<Promise<void>>();
  try {
    const turns = await services.starts.lead(owner, services.later(leadMs));
    if (turns === undefined) return { verdict: "another-leads", ...done };
    const round = newRound({ services, owner, until, turns, underWay, ...done });
    const verdict = await giveTurns(round);
    await services.starts.keepTurns(owner, round.turns, services.now());
    return { verdict, ...done };
  } catch (error) {
    return { verdict: "failed", error, ...done };
  } finally {
    // Lambda freezes what is still under way when a function has answered.
    await Promise.all(underWay);
  }
};

type Given = Pick<Round, "services" | "owner" | "until" | "turns" | "underWay"> & Done;

const newRound = (given: Given): Round => ({
  ...given,
  look: 0,
  lookAt: given.services.now(),
  heldUntil: "",
  ready: new Map(),
  tried: new Set(),
});

const giveTurns = async (round: Round): Promise<Dispatched["verdict"]> => {
  const { services, underWay } = round;
  while (services.now() < round.until && round.failures.length < mostFailures) {
    // Whoever came since the last look has a right to the next turn.
    if (services.now() >= round.lookAt && !(await lookAtLine(round))) return "another-leads";
    const tenantId = nextTenant(round.turns, [...round.ready.keys()]);
    if (tenantId === undefined && underWay.size === 0) return "done";
    const verdict = tenantId === undefined ? await oneAnswered(round) : await giveTokenTo(round, tenantId);
    if (verdict !== "goes-on") return verdict;
  }
  return "out-of-time";
};

/** Waits for a start that is under way: one that EMR Serverless refuses frees a slot, so the line is looked at again. */
const oneAnswered = async (round: Round): Promise<"goes-on"> => {
  await Promise.race(round.underWay);
  round.lookAt = round.services.now();
  return "goes-on";
};

const giveTokenTo = async (round: Round, tenantId: string): Promise<"goes-on" | "suspended" | "out-of-time"> => {
  if (round.underWay.size >= mostUnderWay) await Promise.race(round.underWay);
  const token = await takeToken(round);
  if (token === "taken") await giveTurn(round, tenantId);
  return token === "taken" || token === "none-yet" ? "goes-on" : token;
};

/** Reads the line, and says whether this dispatcher still leads: it shows a sign of life first. */
const lookAtLine = async (round: Round): Promise<boolean> => {
  const { services, owner, turns } = round;
  if (round.look > 0 && !(await services.starts.keepTurns(owner, turns, services.later(leadMs)))) return false;
  await readLine(round);
  round.lookAt = services.later(lookMs);
  return true;
};

/** Takes a token for the next turn; where there is none, pauses until there may be one, after which the line is looked at again. */
const takeToken = async (round: Round): Promise<"taken" | "none-yet" | "suspended" | "out-of-time"> => {
  const { services } = round;
  await holdTokens(round, services.later(leadMs / 2));
  const { taken, suspended, nextAt } = await services.starts.takeTokens("StartJobRun", 1, "dispatcher");
  if (suspended !== undefined) return "suspended";
  if (taken > 0) return "taken";
  if (nextAt >= round.until) return "out-of-time";
  await holdTokens(round, nextAt);
  await services.pauseUntil(nextAt);
  round.lookAt = services.now();
  return "none-yet";
};

/** Keeps the doors off the tokens for another while, unless they are held for longer than that already. */
const holdTokens = async (round: Round, longerThan: string): Promise<void> => {
  if (round.heldUntil > longerThan) return;
  const until = round.services.later(leadMs);
  await round.services.starts.holdTokens(until);
  round.heldUntil = until;
};
