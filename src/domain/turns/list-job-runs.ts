import type { Services } from "#domain/ports.ts";
import { findJobRun, mostPages, tooMany } from "#domain/submission/find-job-run.ts";
import { mustBeSought } from "#domain/submission/start-again.ts";
import type { Find } from "#domain/submission/start-submission.ts";
import { frozenInput, type Submission } from "#domain/submission/submission.ts";
import { tokensInTime, withToken } from "./paced.ts";

/** All job runs of an application and a mode that were created since then, by name, as they were when the list was begun. */
interface Listing {
  readonly of: string;
  readonly since: string;
  readonly begunAt: string;
  readonly jobRunIds: ReadonlyMap<string, string>;
}

const kindOf = (submission: Submission): string => {
  const { applicationId, mode = "BATCH" } = frozenInput(submission);
  return `${applicationId} ${mode}`;
};

/** A list tells of calls that were made before it began: whoever held the lease that was seen made none after it ran out. */
const tellsOf =
  (seen: Submission) =>
  ({ of, since, begunAt }: Listing): boolean =>
    of === kindOf(seen) && since <= seen.acceptedAt && begunAt >= (seen.leaseUntil ?? seen.acceptedAt);

/** The whole list back to the oldest of them; nothing where the time is up. */
const listSince = async (services: Services, oldest: Submission, until: string): Promise<Listing | undefined> => {
  const input = frozenInput(oldest);
  const listing = { of: kindOf(oldest), since: oldest.acceptedAt, begunAt: services.now() };
  const jobRunIds = new Map<string, string>();
  let page: string | undefined;
  for (let listed = 0; listed < mostPages; listed += 1) {
    if ((await tokensInTime({ services, until }, "ListJobRuns", 1)) === 0) return undefined;
    const list = async () => await services.jobRuns.list(input, listing.since, page);
    const next = await withToken(services, "ListJobRuns", list);
    for (const [name, jobRunId] of next.jobRunIds) jobRunIds.set(name, jobRunId);
    page = next.nextPage;
    if (page === undefined) return { ...listing, jobRunIds };
  }
  throw tooMany(oldest);
};

/**
 * Lists job runs once for all of a page that have to be looked for, and for later pages: ListJobRuns has a token a second,
 * so after an outage a list for each would take hours. Whom no list tells of is looked for on their own.
 */
export const listings = (services: Services, until: string) => {
  const lists: Listing[] = [];
  return async (page: readonly Submission[]): Promise<Find> => {
    const errors = new Map<string, unknown>();
    const sought = page.filter((seen) => mustBeSought(seen, services.now()) && !lists.some(tellsOf(seen)));
    for (const group of Map.groupBy(sought, kindOf).values()) {
      const oldest = group.reduce((one, other) => (other.acceptedAt < one.acceptedAt ? other : one));
      try {
        const listing = await listSince(services, oldest, until);
        if (listing !== undefined) lists.push(listing);
      } catch (error) {
        // It is what looking for the oldest came to; the others' lists may be shorter.
        errors.set(oldest.submissionId, error);
      }
    }
    const told = new Map(page.map((seen) => [seen.submissionId, lists.find(tellsOf(seen))]));
    return async (claimed) => {
      if (errors.has(claimed.submissionId)) throw errors.get(claimed.submissionId);
      const listing = told.get(claimed.submissionId);
      if (listing === undefined) return await findJobRun(services, claimed);
      return listing.jobRunIds.get(frozenInput(claimed).name);
    };
  };
};
