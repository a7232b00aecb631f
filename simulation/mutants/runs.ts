import { ServiceError } from "#domain/errors.ts";
import { frozenInput } from "#domain/submission/submission.ts";
import { type Change, jobRuns, type Mutant, submissions } from "./mutant.ts";

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

/** What is started is what the tenant's files say by then. */
const renderedAgain = submissions((own, { setups }) => ({
  claim: async (seen, leaseUntil, startError) => {
    const claimed = await own.claim(seen, leaseUntil, startError);
    const { tags } = setups.get(seen.tenantId)?.tenant ?? {};
    if (claimed === undefined || tags === undefined) return claimed;
    const input = frozenInput(claimed);
    return { ...claimed, input: JSON.stringify({ ...input, tags: { ...input.tags, ...tags } }) };
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

export const runMutants: readonly Mutant[] = [
  { name: "records the start before it is made", seed: 3, ports: recordedFirst },
  { name: "takes a new token where the first one is in conflict", seed: 11, ports: newToken },
  { name: "claims without regard to a lease", seed: 17, ports: noLease },
  { name: "renders the tags anew from the tenant of today", seed: 5, ports: renderedAgain },
  { name: "claims what was cancelled", seed: 38, ports: cancelledClaimed },
];
