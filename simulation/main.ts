import { parseArgs } from "node:util";
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
  let failed = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const { breaches, mood } = await simulate(seed);
    const [breach] = breaches;
    if (breach === undefined) continue;
    failed += 1;
    if (failed <= 20) console.log(`seed ${seed} (${mood}): ${breach.invariant}: ${breach.message}`);
  }
  const ms = performance.now() - startedAt;
  console.log(`${count} seeds from ${from}: ${failed} failed, ${(ms / count).toFixed(1)} ms a seed`);
  return failed === 0;
};

const passed =
  values.seed === undefined
    ? await runMany(Number(values.from ?? 1), Number(values.seeds ?? 300))
    : await runOne(Number(values.seed));
process.exitCode = passed ? 0 : 1;
