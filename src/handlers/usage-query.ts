import * as z from "zod/mini";
import { ServiceError } from "#domain/errors.ts";
import { faultAt, faultsOf } from "#domain/fault.ts";
import { lazily } from "#domain/lazily.ts";
import type { Services } from "#domain/ports.ts";
import { summary } from "#domain/request/job-request.ts";
import { dayOf, monthOf, usageRetentionDays } from "#domain/usage/account.ts";

/** Days that one answer may be about. */
const mostDays = 366;

const day = () =>
  z.optional(
    z
      .string()
      .check(z.refine((text) => z.iso.date().safeParse(text).success, { message: 'a day such as "2026-11-22"' })),
  );
const schema = lazily(() => z.strictObject({ from: day(), to: day() }));

const dayMs = 24 * 60 * 60 * 1000;
const daysBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / dayMs + 1;

/**
 * The days of `?from=2026-11-01&to=2026-11-22`, both included, in UTC. Without `to` it is today, and without `from` the
 * first day of its month.
 */
export const usageDays = (
  query: Readonly<Record<string, string>>,
  { now, later }: Pick<Services, "now" | "later">,
): { readonly from: string; readonly to: string } => {
  const parsed = schema().safeParse(query);
  if (!parsed.success) throw invalid(faultsOf(parsed.error, query));
  const today = dayOf(now());
  const { to = today, from = `${monthOf(to)}-01` } = parsed.data;
  if (from > to) throw invalid([faultAt(["from"], from, `at most to, which is ${to}`)]);
  if (daysBetween(from, to) > mostDays) {
    throw invalid([faultAt(["from"], from, `at most ${mostDays} days before to, which is ${to}`)]);
  }
  const oldest = dayOf(later(-usageRetentionDays * dayMs));
  if (from < oldest)
    throw invalid([faultAt(["from"], from, `at least ${oldest}: usage is kept for ${usageRetentionDays} days`)]);
  return { from, to };
};

const invalid = (faults: ReturnType<typeof faultsOf>): ServiceError =>
  new ServiceError("ERR_QUERY_INVALID", `Cannot read the query: ${summary(faults)}`, { faults });
