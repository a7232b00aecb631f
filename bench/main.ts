import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureCold } from "./cold.ts";
import { measureCompletions } from "./completions.ts";
import { startEndpoint } from "./endpoint.ts";
import { lambdaEnvironment } from "./invocations.ts";
import { measureProof, proofScales } from "./proof.ts";
import { report, type Scale } from "./report.ts";
import { buildAll } from "./subjects.ts";
import { measureTenants, tenantsScales } from "./tenants.ts";
import { measureTurns, turnsScales } from "./turns.ts";
import { measureUsage, usageScales } from "./usage.ts";
import { measureWarm } from "./warm.ts";

const directory = "dist/bench";

const measure = async (scale: Scale, home: string): Promise<string> => {
  const { subjects, processes } = await buildAll(directory);
  const endpoint = await startEndpoint(processes["endpoint-process"], home);
  try {
    // An empty home, as on Lambda: the SDK looks for its configuration files there.
    const env = lambdaEnvironment(endpoint.url, home);
    const colds = await measureCold(subjects, { file: processes["cold-process"], env, ...scale });
    const warms = await measureWarm(subjects, { file: processes["warm-process"], env, ...scale });
    return report(colds, warms, scale);
  } finally {
    await endpoint.end();
  }
};

/** `--quick` sees that everything runs: its numbers say little. A busy machine gets fewer rounds, not more time. */
const { values, positionals } = parseArgs({
  options: { quick: { type: "boolean", default: false } },
  allowPositionals: true,
  strict: false,
});
const scale: Scale = values["quick"]
  ? { runs: 3, coldSeconds: 15, rounds: 3, submissions: 20, seconds: 1 }
  : { runs: 15, coldSeconds: 60, rounds: 40, submissions: 50, seconds: 9 };
const parts: Readonly<Record<string, (home: string) => Promise<string>>> = {
  functions: async (home) => await measure(scale, home),
  tenants: async () => await measureTenants(tenantsScales[values["quick"] ? "quick" : "full"]),
  proof: async () => await measureProof(proofScales[values["quick"] ? "quick" : "full"]),
  completions: async () => await measureCompletions(values["quick"] ? "quick" : "full"),
  turns: async (home) => await measureTurns(turnsScales[values["quick"] ? "quick" : "full"], home),
  usage: async () => await measureUsage(usageScales[values["quick"] ? "quick" : "full"]),
};
await mkdir(directory, { recursive: true });
const home = await mkdtemp(join(tmpdir(), "sluice-bench-"));
try {
  for (const part of positionals.length > 0 ? positionals : Object.keys(parts)) {
    const run = parts[part];
    if (run === undefined) console.error(`Cannot measure "${part}": give any of ${Object.keys(parts).join(", ")}`);
    else console.log(await run(home), "\n");
  }
} catch (error) {
  // It fails nothing: it says what it could not measure.
  console.error(error);
} finally {
  await rm(home, { recursive: true, force: true });
}
