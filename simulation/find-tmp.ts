import { mutants } from "/tmp/turns/simulation/mutants.ts";
import { simulate } from "/tmp/turns/simulation/simulate.ts";
for (const m of mutants) {
  const hits: string[] = [];
  for (let seed = 1; seed <= 400 && hits.length < 4; seed += 1) {
    const [b] = (await simulate(seed, { variant: m })).breaches;
    if (b && (await simulate(seed)).breaches.length === 0) hits.push(`${seed} ${b.invariant}: ${b.message.slice(0, 90)}`);
  }
  console.log(m.name, "\n   ", hits.join("\n    "));
}
