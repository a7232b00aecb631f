import { availableParallelism, cpus } from "node:os";
import { table } from "./table.ts";

/** One way to read a month: its requests, the items that came, and how long it took beside a bare query. */
export interface UsageFigure {
  readonly name: string;
  readonly requests: number;
  readonly items: number;
  readonly ms: number;
  readonly ratio: number;
}

interface UsageFigures {
  readonly submissions: number;
  readonly rounds: number;
  readonly slowRounds: number;
  readonly templates: number;
  readonly fillSeconds: number;
  readonly figures: readonly UsageFigure[];
}

const method = ({ rounds, slowRounds, templates, fillSeconds }: UsageFigures): string => `Method
  One tenant, ${templates} job templates, every hour of a month; the last hour is still open, so its entries are read. dynalite in this
  process over HTTP on loopback, so "ms" is mostly dynalite's: compare the ratio. A bare query reads the items of the same
  range, page by page, and looks at none. In turns, ${rounds} rounds (${slowRounds} where every entry is read), after 1 to warm up: medians.
  "nothing summed" is what a query takes while no sweep runs. Writing the entries took ${fillSeconds.toFixed(0)} s.`;

/** All that was measured of usage, as text. */
export const usageReport = (all: UsageFigures): string =>
  [
    `Node ${process.version} on ${process.platform} ${process.arch}, ${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? "unknown CPU"}`,
    table(
      [`usage of a month with ${all.submissions} job runs`, "requests", "items read", "ms", "x bare"],
      all.figures.map(({ name, requests, items, ms, ratio }) => [
        name,
        String(requests),
        String(items),
        ms.toFixed(1),
        ratio.toFixed(2),
      ]),
    ),
    method(all),
  ].join("\n\n");
