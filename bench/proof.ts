import type { GuardFigure, ProofFigure, ProofTask } from "./proof-process.ts";
import { type ProofFigures, proofReport } from "./proof-report.ts";
import { runProcess } from "./run-process.ts";

export interface ProofScale {
  readonly rounds: number;
  /** Tenants that the all-pairs way compares too. */
  readonly subset: number;
  readonly few: number;
  readonly many: number;
  /** Jobs of a round whose policies are rendered and held against the proof. */
  readonly jobs: number;
}

export const proofScales: Readonly<Record<"quick" | "full", ProofScale>> = {
  quick: { rounds: 1, subset: 50, few: 100, many: 1000, jobs: 500 },
  full: { rounds: 5, subset: 300, few: 1000, many: 10_000, jobs: 5000 },
};

/** Tenants whose jobs come in turns, as many as a function keeps in memory (dynamodb-tenants.ts). */
const guarded = 500;

const run = async <T>(task: ProofTask): Promise<T> =>
  await runProcess<T>("bench/proof-process.ts", [JSON.stringify(task)], {});

/** The proof, the all-pairs way and a job's policy, each in a process of its own, in turns. */
export const measureProof = async (scale: ProofScale): Promise<string> => {
  const { rounds, subset, few, many, jobs } = scale;
  const found: ProofFigures[] = [];
  for (let round = 0; round < rounds; round += 1) {
    found.push({
      subset: await run<ProofFigure>({ what: "prove", tenants: subset }),
      allPairs: await run<ProofFigure>({ what: "all-pairs", tenants: subset }),
      few: await run<ProofFigure>({ what: "prove", tenants: few }),
      many: await run<ProofFigure>({ what: "prove", tenants: many }),
      guard: await run<GuardFigure>({ what: "guard", tenants: guarded, jobs }),
    });
  }
  return proofReport(found, { ...scale, guarded });
};
