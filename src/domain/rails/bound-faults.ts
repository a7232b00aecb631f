import { deniedAt, type Fault } from "#domain/fault.ts";
import { type Bound, wantedByBound } from "./bounds.ts";
import type { ExecutorRules } from "./executors.ts";
import { isProperty, meanTheSame, type Setting } from "./setting.ts";

type Bounds = Readonly<Record<string, Bound>>;

const brokenBounds = ({ key, value, path, reader }: Setting, bounds: Bounds, whose: string): Fault[] => {
  if (!isProperty({ reader })) return [];
  return Object.entries(bounds)
    .filter(([bounded]) => meanTheSame(bounded, key))
    .flatMap(([bounded, bound]) => {
      const wanted = wantedByBound(bound, value);
      return wanted === undefined ? [] : [deniedAt(path, value, `${bounded} must be ${wanted}${whose}`)];
    });
};

/** Settings beyond the tenant's bounds, or beyond those of the guard rail "executors". Every one counts, also of repeated ones. */
export const boundFaults = (
  settings: readonly Setting[],
  { own, executors }: { readonly own: Bounds; readonly executors: Pick<ExecutorRules, "bounds" | "isTenants"> },
): Fault[] =>
  settings.flatMap((setting) => [
    ...brokenBounds(setting, own, " (bounded by the tenant's file)"),
    ...brokenBounds(
      setting,
      executors.bounds,
      `${executors.isTenants ? ", as the tenant's file has it" : ""} (guard rail "executors")`,
    ),
  ]);
