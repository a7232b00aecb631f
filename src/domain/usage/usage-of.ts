import type { Services } from "#domain/ports.ts";
import { type Account, dayOf, hourOf, hoursOfDays, type Period, validSums } from "./account.ts";
import { byTemplate, type Sum, sumOf, sumsOfEntries, type TemplateSum } from "./sum.ts";
import type { UsageEntry } from "./usage-entry.ts";

/** The usage of a tenant from the one day to the other, both included, in UTC. */
export interface UsageReport {
  readonly tenantId: string;
  readonly from: string;
  readonly to: string;
  readonly total: Sum;
  /** Days on which a job run ended, in order. */
  readonly days: readonly (Sum & { readonly day: string })[];
  /** The one without a name is of the ad-hoc jobs. */
  readonly jobTemplates: readonly TemplateSum[];
}

/** Hours that follow one another, all of them without valid sums: their entries are read together. */
const runsOf = (accounts: readonly Account[]): Account[][] => {
  const runs: Account[][] = [];
  let summed = true;
  for (const account of accounts) {
    if (validSums(account) === undefined) {
      if (summed) runs.push([]);
      runs.at(-1)?.push(account);
    }
    summed = validSums(account) !== undefined;
  }
  return runs;
};

const entriesOf = async (
  { usage }: Pick<Services, "usage">,
  run: readonly Account[],
): Promise<readonly UsageEntry[]> => {
  const [first, last] = [run[0], run.at(-1)];
  if (first === undefined || last === undefined) return [];
  return await usage.entries(first.tenantId, first.period, last.period);
};

/**
 * The sums of each of these hours: of its account where they are valid, else of its entries as they are now. Every
 * submission that was recorded to the end before the call is in exactly one.
 */
export const hourlySums = async (
  services: Pick<Services, "usage">,
  tenantId: string,
  { first, last }: { readonly first: Period; readonly last: Period },
): Promise<ReadonlyMap<Period, readonly TemplateSum[]>> => {
  const accounts = await services.usage.hours(tenantId, first, last);
  const found = new Map<Period, readonly TemplateSum[]>();
  for (const account of accounts) found.set(account.period, validSums(account) ?? []);
  for (const run of runsOf(accounts)) {
    const byHour = Map.groupBy(await entriesOf(services, run), ({ completedAt }) => hourOf(completedAt));
    for (const { period } of run) found.set(period, sumsOfEntries(byHour.get(period) ?? []));
  }
  return found;
};

export const usageOf = async (
  services: Pick<Services, "usage">,
  tenantId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<UsageReport> => {
  const hours = await hourlySums(services, tenantId, hoursOfDays(from, to));
  const jobTemplates = byTemplate([...hours.values()].flat());
  const byDay = Map.groupBy(hours, ([hour]) => dayOf(hour));
  return {
    tenantId,
    from,
    to,
    total: sumOf(jobTemplates),
    days: [...byDay].map(([day, ofDay]) => ({ day, ...sumOf(ofDay.flatMap(([, sums]) => sums)) })),
    jobTemplates,
  };
};
