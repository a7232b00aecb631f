import { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import { frozenInput, type NewSubmission, type Submission } from "#domain/submission/submission.ts";
import type { Usage } from "#domain/usage/usage.ts";
import type { SharedPorts, Variant, World } from "./world.ts";

/** A variant that is broken on purpose, and the seed that shows it. */
export interface Mutant extends Variant {
  readonly seed: number;
}

type Change = NonNullable<Variant["ports"]>;

const submissions =
  (change: (own: SharedPorts["submissions"], world: World) => Partial<SharedPorts["submissions"]>): Change =>
  (ports, world) => ({ ...ports, submissions: { ...ports.submissions, ...change(ports.submissions, world) } });

const starts =
  (change: (own: SharedPorts["starts"], world: World) => Partial<SharedPorts["starts"]>): Change =>
  (ports, world) => ({ ...ports, starts: { ...ports.starts, ...change(ports.starts, world) } });

const jobRuns =
  (change: (ports: SharedPorts) => Partial<SharedPorts["jobRuns"]>): Change =>
  (ports) => ({ ...ports, jobRuns: { ...ports.jobRuns, ...change(ports) } });

const recordedFirst = jobRuns((ports) => ({
  start: async (input) => {
    const startedAt = "2026-11-22T12:00:00.000Z";
    const seen = await ports.submissions.get(input.clientToken);
    if (seen !== undefined)
      await ports.submissions.recordStart(seen, { jobRunId: "00unknown", startedAt, dueAt: startedAt });
    return await ports.jobRuns.start(input);
  },
}));

const newToken = jobRuns((ports) => ({
  start: async (input) => {
    try {
      return await ports.jobRuns.start(input);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== "ERR_EMR_CONFLICT") throw error;
      return await ports.jobRuns.start({ ...input, clientToken: `${input.clientToken.slice(0, 50)}.2` });
    }
  },
}));

/** Slots as a number: freeing one that is not taken frees another. */
const slotFreedTwice = starts((own) => ({
  leave: async (tenantId, submissionIds) => {
    const { active } = await own.line(tenantId);
    const freed = submissionIds.map((id) => (active.includes(id) ? id : active[0])).filter((id) => id !== undefined);
    await own.leave(tenantId, freed);
  },
}));

const slotNeverFreed = starts((own, { ledger }) => ({
  leave: async (tenantId, submissionIds) => {
    const refused = new Set(
      ledger.all().flatMap(({ state, submissionId }) => (state === "refused" ? [submissionId] : [])),
    );
    const freed = submissionIds.filter((id) => !refused.has(id));
    await own.leave(tenantId, freed);
  },
}));

/** No lease at all: anybody may lead, and claim what somebody else is starting. */
const noLease: Change = (ports, world) => {
  const { submissions: own, starts: turns } = ports;
  return {
    ...ports,
    submissions: {
      ...own,
      claim: async (seen, leaseUntil) => await own.claim((await own.get(seen.submissionId)) ?? seen, leaseUntil),
      due: async (kind, now, limit) =>
        kind === "starting"
          ? world.ledger.all().filter(({ state }) => state === "starting")
          : await own.due(kind, now, limit),
    },
    starts: { ...turns, lead: async (owner, until) => (await turns.lead(owner, until)) ?? { clock: 0, used: {} } },
  };
};

const byArrival = starts((own, { ledger }) => ({
  waitingTenants: async () => {
    const waiting = ledger.all().filter(({ state }) => state === "waiting");
    const [first] = waiting.sort((one, other) => (one.acceptedAt < other.acceptedAt ? -1 : 1));
    const tenants = await own.waitingTenants();
    return first !== undefined && tenants.includes(first.tenantId) ? [first.tenantId] : tenants;
  },
}));

const ownBucket = (services: Services, { records, scheduler }: World): Services => ({
  ...services,
  starts: {
    ...spread(services.starts),
    takeTokens: async (api, wanted, by) => {
      const tokens = await services.starts.takeTokens(api, wanted, by);
      for (let index = tokens.taken; index < wanted; index += 1) records.tokens.push(scheduler.now());
      return { ...tokens, taken: wanted };
    },
  },
});

/** The methods of a port that is called through a proxy. */
const spread = (own: Services["starts"]): Services["starts"] => ({
  enter: own.enter,
  queueUp: own.queueUp,
  queueBehind: own.queueBehind,
  takeTurn: own.takeTurn,
  giveBack: own.giveBack,
  leave: own.leave,
  restoreSlot: own.restoreSlot,
  leaveLine: own.leaveLine,
  line: own.line,
  correctWaiting: own.correctWaiting,
  suspect: own.suspect,
  suspend: own.suspend,
  waitingTenants: own.waitingTenants,
  activeTenants: own.activeTenants,
  takeTokens: own.takeTokens,
  returnTokens: own.returnTokens,
  holdTokens: own.holdTokens,
  emptyBucket: own.emptyBucket,
  lead: own.lead,
  keepTurns: own.keepTurns,
});

const renamedTo = (submission: NewSubmission, submissionId: string): NewSubmission => {
  if (submission.state === "refused") return { ...submission, submissionId };
  const input = { ...frozenInput(submission), clientToken: submissionId };
  return { ...submission, submissionId, input: JSON.stringify(input) };
};

const noRepeat = submissions((own) => ({
  accept: async (submission) => {
    const found = await own.get(submission.submissionId);
    if (found === undefined) return await own.accept(submission);
    return await own.accept(renamedTo(submission, `${submission.submissionId.slice(0, 50)}.2`));
  },
}));

const twoEndings = submissions((own) => ({
  recordEnd: async (submissionId, ended, telling) => {
    const stored = await own.recordEnd(submissionId, ended, telling);
    return { ...stored, outbox: { ending: telling.event } };
  },
}));

const rendered = (claimed: Submission | undefined): Submission | undefined =>
  claimed && { ...claimed, input: JSON.stringify({ ...frozenInput(claimed), executionTimeoutMinutes: 60 }) };

/** The doors take the tokens that are held for those who wait. */
const holdIgnored = starts((own) => ({
  takeTokens: async (api, wanted) => await own.takeTokens(api, wanted, "dispatcher"),
}));

const renderedAgain = submissions((own) => ({
  claim: async (seen, leaseUntil) => {
    const claimed = await own.claim(seen, leaseUntil);
    return seen.state === "starting" ? rendered(claimed) : claimed;
  },
}));

const cancelledClaimed = submissions((own) => ({
  claim: async (seen, leaseUntil) => {
    const found = await own.get(seen.submissionId);
    return found?.state === "cancelled"
      ? { ...found, state: "starting", leaseUntil }
      : await own.claim(seen, leaseUntil);
  },
}));

const countedTwice: Change = (ports) => {
  let calls = 0;
  const putEntry: Usage["putEntry"] = async (entry) => {
    calls += 1;
    await ports.usage.putEntry({ ...entry, submissionId: `${entry.submissionId}.${calls}` });
  };
  return { ...ports, usage: { ...ports.usage, putEntry } };
};

/** What it cannot count it forgets, and goes on. */
const uncounted = (services: Services): Services => {
  const get = (own: Usage, name: string | symbol): unknown => {
    const method: unknown = Reflect.get(own, name);
    if (typeof method !== "function" || name !== "putEntry") return method;
    return async (...given: unknown[]) => await Reflect.apply(method, own, given).catch(() => undefined);
  };
  return { ...services, usage: new Proxy(services.usage, { get }) };
};

const publishedFirst: Change = (ports) => ({
  ...ports,
  submissions: {
    ...ports.submissions,
    recordEnd: async (submissionId, ended, telling) => {
      await ports.events.publish(telling.event, {});
      return await ports.submissions.recordEnd(submissionId, ended, telling);
    },
  },
});

/** What is due of a kind is never found. */
const neverDue = (skipped: string): Change =>
  submissions((own) => ({
    due: async (kind, now, limit) => (kind === skipped ? [] : await own.due(kind, now, limit)),
  }));

const madeAnew = submissions((own) => ({
  recordEnd: async (submissionId, ended, telling) => {
    const stored = await own.recordEnd(submissionId, ended, telling);
    return stored.outbox?.ending === undefined
      ? stored
      : { ...stored, outbox: { ...stored.outbox, ending: telling.event } };
  },
}));

/** Each is the product but for one thing, and each is caught at its seed. */
export const mutants: readonly Mutant[] = [
  { name: "records the start before it is made", seed: 3, ports: recordedFirst },
  { name: "takes a new token where the first one is in conflict", seed: 23, ports: newToken },
  { name: "frees a slot twice", seed: 8, ports: slotFreedTwice },
  { name: "never frees the slot of a refused one", seed: 3, ports: slotNeverFreed },
  { name: "claims without regard to a lease", seed: 50, ports: noLease },
  { name: "gives turns in the order of arrival", seed: 6, ports: byArrival },
  { name: "has a bucket of tokens for each instance", seed: 6, services: ownBucket },
  { name: "does not recognise a repeat", seed: 1, ports: noRepeat },
  { name: "lets a second ending replace the first", seed: 8, ports: twoEndings },
  { name: "renders the input anew for another try", seed: 3, ports: renderedAgain },
  { name: "lets the doors take tokens that are held for who waits", seed: 1, ports: holdIgnored },
  { name: "claims what was cancelled", seed: 222, ports: cancelledClaimed },
  { name: "publishes an ending before it is stored", seed: 8, ports: publishedFirst },
  { name: "sweeps past endings that were not published", seed: 9, ports: neverDue("ended") },
  { name: "sweeps past job runs without news", seed: 1, ports: neverDue("started") },
  { name: "makes an ending's event anew", seed: 14, ports: madeAnew },
  { name: "counts an end again each time it is settled", seed: 3, ports: countedTwice },
  { name: "goes on where it cannot count an end", seed: 9, services: uncounted },
];
