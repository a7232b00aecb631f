import type { Fault } from "#domain/fault.ts";
import { applyEngineRules, type EngineJob, type RuledEngineJob } from "#domain/rails/engine-rules.ts";
import { hiveEngine, sparkEngine } from "#domain/rails/engines.ts";
import type { RailName } from "#domain/rails/rail-names.ts";
import { sampleTenant } from "#test/helpers/setup.ts";

/** Tenant acme, whose code is below s3://jobs/acme/, with all guard rails up but for those it acknowledges. */
export interface Rails {
  readonly engine?: "spark" | "hive";
  readonly acknowledged?: readonly { readonly rail: RailName; readonly keys?: readonly string[] }[];
  /** The tenant's rules for the engine. */
  readonly rules?: object;
}

export const under = ({ engine = "spark", acknowledged = [], rules = {} }: Rails, job: Partial<EngineJob>) => {
  const guardRails = { acknowledged: acknowledged.map((one) => ({ ...one, reason: "the test is about it" })) };
  const tenant = sampleTenant({ guardRails, [engine]: rules });
  const ruled: RuledEngineJob = applyEngineRules(
    { parameters: undefined, configurations: [], ...job },
    {
      engine: engine === "spark" ? sparkEngine : hiveEngine,
      rules: tenant[engine],
      context: { prefixes: ["s3://jobs/acme/"], acknowledged: tenant.guardRails.acknowledged },
    },
  );
  return ruled;
};

/** The guard rails that faults name. */
export const railsOf = (faults: readonly Fault[]): (string | undefined)[] =>
  faults.map(({ message }) => /\(guard rail "([\w-]+)"\)/.exec(message)?.[1]);
