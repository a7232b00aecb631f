import { resolve } from "node:path";
import { withEnvironment } from "./environment.ts";
import { type Invoke, loadFunction } from "./lambda.ts";

/** The functions as AWS would call them. */
export interface Functions {
  readonly http: Invoke;
  readonly queue: Invoke;
  readonly events: Invoke;
  readonly dispatch: Invoke;
  readonly jobRunChanged: Invoke;
  readonly reconcile: Invoke;
}

/** Of the dispatcher: short, so that it leads for a second or two at a time and the end of the runtime has not to wait. */
const dispatchTimeoutMs = 12_000;

/** Variables that single functions have besides those of all, by name. */
type OwnEnvironments = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Loads what `npm run build` made. A function reads its environment while it is loaded. */
export const loadFunctions = async (directory: string, region: string, own: OwnEnvironments): Promise<Functions> => {
  const built = resolve(directory, "dist", "functions");
  const load = async (name: string, timeoutMs?: number) => {
    const restore = withEnvironment(own[name] ?? {});
    try {
      return await loadFunction(built, name, region, timeoutMs);
    } finally {
      restore();
    }
  };
  return {
    http: await load("http"),
    queue: await load("queue"),
    events: await load("events"),
    dispatch: await load("dispatch", dispatchTimeoutMs),
    jobRunChanged: await load("job-run-changed"),
    reconcile: await load("reconcile"),
  };
};
