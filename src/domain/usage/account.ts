import type { TemplateSum } from "./sum.ts";

/** An hour such as `2026-11-22T12` or a month such as `2026-11`, in UTC. */
export type Period = string;

/** How long usage is kept, in days. */
export const usageRetentionDays = 400;

export const hourOf = (time: string): Period => time.slice(0, "2026-11-22T12".length);
export const monthOf = (time: string): Period => time.slice(0, "2026-11".length);
export const dayOf = (time: string): string => time.slice(0, "2026-11-22".length);

export const isHour = (period: Period): boolean => period.length === hourOf("2026-11-22T12").length;

/** The hours of days, or of a month, as texts that compare so: no month has more than 31 days, no day more than 24 hours. */
export const hoursOfDays = (from: string, to: string) => ({ first: `${from}T00`, last: `${to}T23` });
export const hoursOfMonth = (month: Period) => hoursOfDays(`${month}-01`, `${month}-31`);

/** The last moment of an hour. */
export const endOfHour = (hour: Period): string => `${hour}:59:59.999Z`;

/**
 * What is known of a tenant's period without reading its entries. `version` grows after each entry that was put. The sums
 * were made of entries that were read after the version was `summedAt`: as long as it still is, every entry that was
 * recorded to the end is in them.
 */
export interface Account {
  readonly tenantId: string;
  readonly period: Period;
  readonly version: number;
  /** When it is to be summed; absent while nothing changed since it was. */
  readonly dueAt?: string;
  readonly summedAt?: number;
  readonly sums?: readonly TemplateSum[];
}

/** The sums of an account, unless an entry may be missing in them. */
export const validSums = ({ version, summedAt, sums }: Account): readonly TemplateSum[] | undefined =>
  version === summedAt ? sums : undefined;
