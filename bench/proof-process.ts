import { writeSync } from "node:fs";
import { provedPolicy } from "#domain/plan/proved-policy.ts";
import { prove } from "#domain/proof/prove.ts";
import { meetsOfAllPairs } from "./all-pairs.ts";
import { leakyTemplate, tenantsUnder, tightTemplate } from "./proof-setup.ts";
import { digest, exampleSetup, withProof } from "./turns-setup.ts";

/** What one process measures once, from its start: the proof, or the all-pairs way, or a job's policy. */
export type ProofTask =
  | { readonly what: "prove" | "all-pairs"; readonly tenants: number }
  | { readonly what: "guard"; readonly tenants: number; readonly jobs: number };

export interface ProofFigure {
  /** Elapsed. */
  readonly ms: number;
  readonly cpuMs: number;
  /** The most that the process ever had in memory, Node and all. */
  readonly peakMb: number;
}

export interface GuardFigure {
  /** Microseconds of CPU time a job: the same tenant's next one, and where another tenant's comes each time. */
  readonly sameUs: number;
  readonly otherUs: number;
  readonly characters: number;
}

const task: ProofTask = JSON.parse(process.argv[2] ?? "");
const example = await exampleSetup();
const tenants = tenantsUnder(tightTemplate, task.tenants, example);

const wrong = (what: string): never => {
  throw new Error(`Cannot measure: ${what}`);
};

const cpuMs = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

const measured = (work: () => void): ProofFigure => {
  const start = performance.now();
  const cpu = cpuMs(work);
  const ms = performance.now() - start;
  // Kibibytes.
  return { ms, cpuMs: cpu, peakMb: (process.resourceUsage().maxRSS * 1024) / 1e6 };
};

/** Tenants that a template keeps apart by nothing: what does not find that has measured nothing. */
const leaky = () => tenantsUnder(leakyTemplate, 20, example);

const measureProve = (): ProofFigure => {
  const figure = measured(() => {
    const { verdict, tenants: proved } = prove(tenants, { digest });
    const count = proved.filter(({ proof }) => proof !== undefined).length;
    if (verdict !== "proven" || count !== tenants.length) wrong(`${count} of ${tenants.length} tenants were proved`);
  });
  if (prove(leaky(), { digest }).verdict !== "leak") wrong("the proof did not find the leak");
  return figure;
};

const measureAllPairs = (): ProofFigure => {
  const figure = measured(() => {
    if (meetsOfAllPairs(tenants) > 0) wrong("the all-pairs way found a leak where there is none");
  });
  if (meetsOfAllPairs(leaky()) === 0) wrong("the all-pairs way did not find the leak");
  return figure;
};

const measureGuard = (jobs: number): GuardFigure => {
  const setups = tenants.map(withProof);
  let characters = 0;
  const start = (at: number, ofTenant: number): void => {
    const setup = setups[ofTenant % setups.length] ?? wrong("there are no tenants");
    const job = { submissionId: `req.${String(at).padStart(43, "0")}`, applicationId: "00f1example01" };
    const proved = provedPolicy(setup, job);
    if (proved.verdict === "refused")
      throw new Error(`Cannot measure: a policy was refused: ${JSON.stringify(proved.faults)}`);
    characters = proved.executionIamPolicy.policy?.length ?? 0;
  };
  const same = (): void => {
    for (let at = 0; at < jobs; at += 1) start(at, 0);
  };
  const other = (): void => {
    for (let at = 0; at < jobs; at += 1) start(at, at);
  };
  // The first calls warm up.
  same();
  other();
  return { sameUs: cpuMs(same) * (1000 / jobs), otherUs: cpuMs(other) * (1000 / jobs), characters };
};

const measure = (): ProofFigure | GuardFigure => {
  if (task.what === "prove") return measureProve();
  return task.what === "guard" ? measureGuard(task.jobs) : measureAllPairs();
};
writeSync(3, JSON.stringify(measure()));
