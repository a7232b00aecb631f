import { type Millionths, millionthsOf, textOf } from "#domain/cost/decimal.ts";
import type { UsageEntry } from "./usage-entry.ts";

/** What was used: counts and exact decimal texts with six digits after the point. */
export interface Sum {
  readonly jobRuns: number;
  /** Job runs by their last state: SUCCESS, FAILED, CANCELLED. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly vCPUHour: string;
  readonly memoryGBHour: string;
  readonly storageGBHour: string;
  /** Estimated, by currency. */
  readonly cost: Readonly<Record<string, string>>;
  /** Job runs whose cost is not known, so that `cost` is without them. */
  readonly costMissing: number;
}

/** The sum of one job template, or of the ad-hoc jobs. */
export interface TemplateSum extends Sum {
  readonly jobTemplate?: string;
}

const kinds = ["vCPUHour", "memoryGBHour", "storageGBHour"] as const;

/** A text or number that was checked where it came from. */
const read = (value: string | number): Millionths => {
  const millionths = millionthsOf(value);
  if (millionths === undefined) throw new Error(`"${value}" is no amount of usage, this is a bug`);
  return millionths;
};

const ofEntry = ({ outcome, jobTemplate, hours, cost }: UsageEntry): TemplateSum => ({
  ...(jobTemplate !== undefined && { jobTemplate }),
  jobRuns: 1,
  outcomes: { [outcome]: 1 },
  vCPUHour: textOf(read(hours?.vCPUHour ?? 0)),
  memoryGBHour: textOf(read(hours?.memoryGBHour ?? 0)),
  storageGBHour: textOf(read(hours?.storageGBHour ?? 0)),
  cost: cost === undefined ? {} : { [cost.currency]: cost.amount },
  costMissing: cost === undefined ? 1 : 0,
});

const byName = <T>(found: ReadonlyMap<string, T>): Record<string, T> =>
  Object.fromEntries([...found].sort(([one], [other]) => (one < other ? -1 : 1)));

/** The sum of sums. It is exact, so it is the same in whichever order and in whichever parts it is made. */
export const sumOf = (sums: readonly Sum[]): Sum => {
  const hours = { vCPUHour: 0n, memoryGBHour: 0n, storageGBHour: 0n };
  const outcomes = new Map<string, number>();
  const cost = new Map<string, Millionths>();
  let jobRuns = 0;
  let costMissing = 0;
  for (const sum of sums) {
    jobRuns += sum.jobRuns;
    costMissing += sum.costMissing;
    for (const kind of kinds) hours[kind] += read(sum[kind]);
    for (const [outcome, count] of Object.entries(sum.outcomes))
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
    for (const [currency, amount] of Object.entries(sum.cost))
      cost.set(currency, (cost.get(currency) ?? 0n) + read(amount));
  }
  return {
    jobRuns,
    outcomes: byName(outcomes),
    vCPUHour: textOf(hours.vCPUHour),
    memoryGBHour: textOf(hours.memoryGBHour),
    storageGBHour: textOf(hours.storageGBHour),
    cost: byName(new Map([...cost].map(([currency, amount]) => [currency, textOf(amount)]))),
    costMissing,
  };
};

/** Sums by job template, those of ad-hoc jobs first, then by name. */
export const byTemplate = (sums: readonly TemplateSum[]): readonly TemplateSum[] =>
  [...Map.groupBy(sums, ({ jobTemplate }) => jobTemplate)]
    .sort(([one = ""], [other = ""]) => (one < other ? -1 : 1))
    .map(([jobTemplate, same]) => ({ ...(jobTemplate !== undefined && { jobTemplate }), ...sumOf(same) }));

export const sumsOfEntries = (entries: readonly UsageEntry[]): readonly TemplateSum[] =>
  byTemplate(entries.map(ofEntry));
