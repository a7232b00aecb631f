import type { Services } from "#domain/ports.ts";
import { sweepEndings } from "./sweep-endings.ts";
import { sweepRuns } from "./sweep-runs.ts";
import type { Sweep } from "./swept.ts";

/**
 * Finds what events lost: looks at every submission that is due and is not starting, until none is left or its time is
 * up. Safe beside itself and beside everybody else: every step is a conditional write, and what it did not come to is
 * still due for the next one. Ends first: they are few, and somebody waits for them.
 */
export const sweep = async (services: Services, until: string): Promise<Pick<Sweep, "swept" | "failures">> => {
  const swept = {
    looks: 0,
    endingsFound: 0,
    jobRunsGone: 0,
    slotsRestored: 0,
    cancelsRepeated: 0,
    eventsPublished: 0,
    costsFound: 0,
  };
  const endings: Sweep = { services, until, swept, failures: [], lines: new Map() };
  const runs: Sweep = { ...endings, failures: [] };
  await sweepEndings(endings);
  await sweepRuns(runs);
  return { swept, failures: [...endings.failures, ...runs.failures] };
};
