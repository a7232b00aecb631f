import { type Fault, faultAt } from "#domain/fault.ts";
import type { StartJobRunInput } from "./start-job-run-input.ts";

/** The service model's limits (2021-07-13) of the texts that the plan adds to after the job request was checked. */
const limits = [
  {
    path: ["jobDriver", "sparkSubmit", "sparkSubmitParameters"],
    text: ({ jobDriver }: StartJobRunInput) => jobDriver.sparkSubmit?.sparkSubmitParameters,
    most: 102_400,
  },
  {
    path: ["jobDriver", "hive", "parameters"],
    text: ({ jobDriver }: StartJobRunInput) => jobDriver.hive?.parameters,
    most: 102_400,
  },
  { path: ["name"], text: ({ name }: StartJobRunInput) => name, most: 256 },
];

/** Texts that fitted when they were asked for, and no longer do with what the tenant's rules and the job template added. */
export const grownTextFaults = (input: StartJobRunInput): Fault[] =>
  limits.flatMap(({ path, text, most }) => {
    const length = text(input)?.length ?? 0;
    const wanted = `at most ${most} characters with what the tenant's rules and the job template add`;
    return length <= most ? [] : [faultAt(path, length, wanted)];
  });
