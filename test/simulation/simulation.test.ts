import { expect, test } from "vitest";
import { mutants } from "../../simulation/mutants.ts";
import { simulate } from "../../simulation/simulate.ts";

const seeds = 300;

test(`${seeds} simulated worlds hold what they must`, { timeout: 300_000 }, async () => {
  const breached: string[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { breaches } = await simulate(seed);
    breached.push(...breaches.map(({ invariant, message }) => `seed ${seed}: ${invariant}: ${message}`));
  }
  expect(breached).toEqual([]);
});

test("simulate() tells the same story of a seed each time, and its worlds differ", async () => {
  const stories: string[] = [];
  for (const seed of [7, 7, 8]) stories.push((await simulate(seed, { story: true })).story.join("\n"));
  const [first, again, other] = stories;
  expect(first?.length).toBeGreaterThan(10_000);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

test("simulate() comes to the same end whether it keeps the story or not", async () => {
  const { story: _story, ...told } = await simulate(11, { story: true });
  const { story: _none, ...untold } = await simulate(11);
  expect(untold).toEqual(told);
});

test.each(mutants.map((mutant) => [mutant.name, mutant] as const))("a Sluice that %s is caught", async (_, mutant) => {
  expect((await simulate(mutant.seed)).breaches).toEqual([]);
  expect((await simulate(mutant.seed, { variant: mutant })).breaches).not.toEqual([]);
});
