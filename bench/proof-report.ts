import { availableParallelism, cpus } from "node:os";
import { median } from "./median.ts";
import type { ProofScale } from "./proof.ts";
import type { GuardFigure, ProofFigure } from "./proof-process.ts";
import { table } from "./table.ts";

/** What one round saw. */
export interface ProofFigures {
  /** The proof of as many tenants as the all-pairs way compares. */
  readonly subset: ProofFigure;
  readonly allPairs: ProofFigure;
  readonly few: ProofFigure;
  readonly many: ProofFigure;
  readonly guard: GuardFigure;
}

const count = (number: number): string => number.toLocaleString("en");

const time = (ms: number): string =>
  ms < 10_000 ? `${count(Math.round(ms))} ms` : `${count(Math.round(ms / 1000))} s`;

const bar = (met: boolean, text: string): string => `${met ? "met    " : "NOT MET"}  ${text}`;

/** The middle of the rounds; of the memory the most. */
const summary = (found: readonly ProofFigure[]): ProofFigure => ({
  ms: median(found.map(({ ms }) => ms)),
  cpuMs: median(found.map(({ cpuMs }) => cpuMs)),
  peakMb: Math.max(...found.map(({ peakMb }) => peakMb)),
});

const pairs = (tenants: number): number => (tenants * (tenants - 1)) / 2;

const proofTable = (found: readonly ProofFigures[], { subset, few, many }: ProofScale): string => {
  const row = (name: string, figures: readonly ProofFigure[]): string[] => {
    const { ms, cpuMs, peakMb } = summary(figures);
    return [name, time(ms), time(cpuMs), `${peakMb.toFixed(0)} MB`];
  };
  const allPairs = summary(found.map((one) => one.allPairs));
  const times = pairs(many) / pairs(subset);
  return table(
    ["ten statements a tenant", "elapsed", "CPU", "peak memory"],
    [
      row(
        `proof, ${count(subset)} tenants`,
        found.map((one) => one.subset),
      ),
      row(
        `all pairs, ${count(subset)} tenants: ${count(pairs(subset))} pairs`,
        found.map((one) => one.allPairs),
      ),
      row(
        `proof, ${count(few)} tenants`,
        found.map((one) => one.few),
      ),
      row(
        `proof, ${count(many)} tenants`,
        found.map((one) => one.many),
      ),
      [
        `all pairs, ${count(many)} tenants: extrapolated, ${count(Math.round(times))} times the pairs`,
        time(allPairs.ms * times),
        time(allPairs.cpuMs * times),
        "-",
      ],
    ],
  );
};

const bars = (found: readonly ProofFigures[], { few, many }: ProofScale, otherUs: number): string => {
  const { ms, peakMb } = summary(found.map((one) => one.many));
  const ratio = median(found.map((one) => one.many.ms / one.few.ms));
  const cpuRatio = median(found.map((one) => one.many.cpuMs / one.few.cpuMs));
  return [
    "Bars",
    bar(ms <= 5000, `the proof of ${count(many)} tenants takes at most 5 s: ${time(ms)}`),
    bar(peakMb <= 500, `and at most 500 MB: ${peakMb.toFixed(0)} MB`),
    bar(
      Math.max(ratio, cpuRatio) <= 15,
      `${count(many)} tenants take at most 15 times what ${count(few)} do: ${ratio.toFixed(1)}x elapsed, ${cpuRatio.toFixed(1)}x CPU time`,
    ),
    bar(
      otherUs <= 200,
      `render and guard of a job take at most 0.2 ms: ${(otherUs / 1000).toFixed(3)} ms where another tenant's came before`,
    ),
  ].join("\n  ");
};

const method = ({ rounds, jobs, guarded }: ProofScale & { readonly guarded: number }): string => `Method
  Each figure in a process of its own, ${rounds === 1 ? "1 round" : `${rounds} rounds in turns`}: medians, of the memory the most. Elapsed begins when the tenants are read
    and includes what V8 has still to compile; memory is the most that the whole process had, Node and the bench's tenants in it.
  The proof is all that sluice tenants check proves: the template for any two tenants, the tenants that are there, and what is kept
    of each, but not reading the files. Ids begin each other (tenant-1, tenant-10); a variable is unique. Every tenant had to be proved.
  All pairs: each tenant's rendered policy against each other's territory, both ways, pattern by pattern with the function by which the
    proof compares today's tenants. It proves less: no tenants that could be, no shared list, no escalations. "Extrapolated" is
    its time on the subset by the number of pairs: nobody waited for it.
  Both have to find the leak in the same template without one "/", or nothing is told.
  Render and guard: CPU time over ${count(jobs)} jobs a round, after as many to warm up, of ${count(guarded)} tenants of one template.`;

/** All that was measured of the proof, as text. */
export const proofReport = (
  found: readonly ProofFigures[],
  scale: ProofScale & { readonly guarded: number },
): string => {
  const sameUs = median(found.map(({ guard }) => guard.sameUs));
  const otherUs = median(found.map(({ guard }) => guard.otherUs));
  return [
    `Node ${process.version} on ${process.platform} ${process.arch}, ${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? "unknown CPU"}`,
    proofTable(found, scale),
    `Render and guard of a job, a policy of ${found[0]?.guard.characters} characters: ${sameUs.toFixed(1)} µs where the same tenant's job came before, ${otherUs.toFixed(1)} µs where another's did`,
    bars(found, scale, otherUs),
    method(scale),
  ].join("\n\n");
};
