import type { PublishedEvent } from "#domain/events/published-event.ts";
import type { Account, Period } from "./account.ts";
import type { TemplateSum } from "./sum.ts";
import type { UsageEntry } from "./usage-entry.ts";

/**
 * What tenants used. Each method is one write of one item, or a read. Entries are the truth; the sums of an account are
 * what was made of them, and `Account` says when they hold.
 */
export interface Usage {
  /** Stores an entry, unless a final one of the same submission is there. Nothing else ever changes one. */
  putEntry(entry: UsageEntry): Promise<void>;
  /** Makes the sums of a period invalid, and has them made anew from `dueAt` on, or earlier where that was said before. */
  touch(tenantId: string, period: Period, dueAt: string): Promise<void>;
  /** The entries of these hours, both included, as they are now. */
  entries(tenantId: string, first: Period, last: Period): Promise<readonly UsageEntry[]>;
  /** The accounts of these hours, both included, in order, as they are now. An hour without an account has no entries. */
  hours(tenantId: string, first: Period, last: Period): Promise<readonly Account[]>;
  /** The account of a month. It may be some seconds old. */
  month(tenantId: string, month: Period): Promise<Account | undefined>;
  /** Accounts that were due before `now`, oldest first, at most so many, as they are now. It may miss the newest. */
  due(now: string, limit: number): Promise<readonly Account[]>;
  /** Puts off an account that is due as it was seen: of many who do, one gets true. */
  postpone(seen: Account, dueAt: string): Promise<boolean>;
  /**
   * Stores sums that were made after the account was read, unless later ones are there. Where it is still what was read,
   * it is not due any more.
   */
  keepSums(read: Account, sums: readonly TemplateSum[]): Promise<void>;
  /** Stores an event of a tenant under its id, or hands back the one that is there, and when it was published. */
  keepEvent(tenantId: string, event: PublishedEvent): Promise<KeptEvent>;
  recordEventPublished(tenantId: string, eventId: string, publishedAt: string): Promise<void>;
}

/** An event that is stored before it is published, so that whoever publishes it again says the same. */
export interface KeptEvent {
  readonly event: PublishedEvent;
  readonly publishedAt?: string;
}
