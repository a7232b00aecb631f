import { setImmediate } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Mutant } from "./mutants/mutant.ts";
import { mutants } from "./mutants.ts";
import { simulate } from "./simulate.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    from: { type: "string" },
    seed: { type: "string" },
    mutants: { type: "boolean" },
  },
});

const runOne = async (seed: number): Promise<boolean> => {
  const { breaches, story } = await simulate(seed, { story: true });
  for (const line of story) console.log(line);
  return breaches.length === 0;
};

const runMany = async (from: number, count: number): Promise<boolean> => {
  const startedAt = performance.now();
  const longest = new Map<number, number>();
  let failed = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const { breaches, mood, lost, toldAfterMs } = await simulate(seed);
    longest.set(lost, Math.max(toldAfterMs, longest.get(lost) ?? 0));
    // middy keeps a timer for each crashed call, and with it a whole world: they go off where the event loop may turn
    await setImmediate();
    const [breach] = breaches;
    if (breach === undefined) continue;
    failed += 1;
    if (failed <= 20) console.log(`seed ${seed} (${mood}): ${breach.invariant}: ${breach.message}`);
  }
  const ms = performance.now() - startedAt;
  console.log(`${count} seeds from ${from}: ${failed} failed, ${(ms / count).toFixed(1)} ms a seed`);
  for (const [lost, toldAfterMs] of [...longest].sort(([one], [other]) => one - other))
    console.log(
      `with ${100 * lost}% of events lost, an ending was told ${(toldAfterMs / 1000).toFixed(1)} s after it at most`,
    );
  return failed === 0;
};

/** The first of some seeds at which a broken variant is caught, and the product is not: for a seed that fails to, by now. */
const seekSeed = async (mutant: Mutant, from: number, count: number): Promise<string> => {
  for (let seed = from; seed < from + count; seed += 1) {
    const [breach] = (await simulate(seed, { variant: mutant })).breaches;
    if (breach === undefined || (await simulate(seed)).breaches.length > 0) continue;
    return `seed ${seed} does: ${breach.invariant}: ${breach.message}`;
  }
  return `none of ${count} seeds from ${from} does`;
};

/** Each broken variant at its seed. Where a seed does not catch it any more, `--seeds` and `--from` look for another. */
const runMutants = async (): Promise<boolean> => {
  let survivors = 0;
  for (const mutant of mutants) {
    const [breach] = (await simulate(mutant.seed, { variant: mutant })).breaches;
    if (breach === undefined) survivors += 1;
    const seek = async (): Promise<string> =>
      values.seeds === undefined ? "" : `: ${await seekSeed(mutant, Number(values.from ?? 1), Number(values.seeds))}`;
    const caught = breach === undefined ? `SURVIVES${await seek()}` : `${breach.invariant}: ${breach.message}`;
    console.log(`seed ${String(mutant.seed).padStart(4)}  ${mutant.name}\n           ${caught}`);
  }
  console.log(`${mutants.length - survivors} of ${mutants.length} broken variants are caught`);
  return survivors === 0;
};

const passes = async (): Promise<boolean> => {
  if (values.mutants === true) return await runMutants();
  if (values.seed !== undefined) return await runOne(Number(values.seed));
  return await runMany(Number(values.from ?? 1), Number(values.seeds ?? 300));
};

process.exitCode = (await passes()) ? 0 : 1;
