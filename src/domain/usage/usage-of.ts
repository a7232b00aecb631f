import type { Services } from "#domain/ports.ts";
import { type Account, dayOf, hoursOfDays, type Period, validSums } from "./account.ts";
import { byTemplate, type Sum, sumOf, sumsOfEntries, type TemplateSum } from "./sum.ts";

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

/** The sums of an hour: of its account where they are valid, else of its entries as they are now. */
const sumsOf = async ({ usage }: Pick<Services, "usage">, account: Account): Promise<readonly TemplateSum[]> =>
  validSums(account) ?? sumsOfEntries(await usage.entries(account.tenantId, account.period));

/** Hours whose entries are read beside each other. */
const atOnce = 10;

/** The sums of each of these hours. Every submission that was recorded to the end before the call is in exactly one. */
export const hourlySums = async (
  services: Pick<Services, "usage">,
  tenantId: string,
  { first, last }: { readonly first: Period; readonly last: Period },
): Promise<ReadonlyMap<Period, readonly TemplateSum[]>> => {
  const accounts = await services.usage.hours(tenantId, first, last);
  const found = new Map<Period, readonly TemplateSum[]>();
  for (let from = 0; from < accounts.length; from += atOnce) {
    const some = accounts.slice(from, from + atOnce);
    const sums = await Promise.all(
      some.map(async (account) => [account.period, await sumsOf(services, account)] as const),
    );
    for (const [period, one] of sums) found.set(period, one);
  }
  return found;
};

export const usageOf = async (
  services: Pick<Services, "usage">,
  tenantId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<UsageReport> => {
  const hours = await hourlySums(services, tenantId, hoursOfDays(from, to));
  const all = [...hours.values()].flat();
  const byDay = Map.groupBy(hours, ([hour]) => dayOf(hour));
  return {
    tenantId,
    from,
    to,
    total: sumOf(all),
    days: [...byDay].map(([day, ofDay]) => ({ day, ...sumOf(ofDay.flatMap(([, sums]) => sums)) })),
    jobTemplates: byTemplate(all),
  };
};
