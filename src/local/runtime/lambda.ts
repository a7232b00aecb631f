import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { localAccountId } from "#local/aws-service.ts";

/** Calls a built function as Lambda does: the event and the answer cross as JSON, nothing else does. */
export type Invoke = (event: unknown) => Promise<unknown>;

/** About what serverless.yml gives the functions. */
const usualTimeoutMs = 60_000;

let loads = 0;

/**
 * Loads the built function `dist/functions/<name>.mjs`. Each load runs the function's own file anew, so that it reads
 * the environment of this start.
 */
export const loadFunction = async (
  directory: string,
  name: string,
  region: string,
  timeoutMs = usualTimeoutMs,
): Promise<Invoke> => {
  loads += 1;
  const file = pathToFileURL(join(directory, `${name}.mjs`));
  const built: { handler?: (event: unknown, context: object) => Promise<unknown> } = await import(
    `${file}?load=${loads}`
  );
  const { handler } = built;
  if (handler === undefined) throw new Error(`Cannot load function "${name}": it exports no handler`);
  return async (event) => {
    const ends = Date.now() + timeoutMs;
    const context = {
      functionName: `sluice-${name}`,
      functionVersion: "$LATEST",
      invokedFunctionArn: `arn:aws:lambda:${region}:${localAccountId}:function:sluice-${name}`,
      memoryLimitInMB: "512",
      awsRequestId: randomUUID(),
      logGroupName: `/aws/lambda/sluice-${name}`,
      logStreamName: "local",
      callbackWaitsForEmptyEventLoop: false,
      getRemainingTimeInMillis: () => Math.max(0, ends - Date.now()),
    };
    const answer = await handler(JSON.parse(JSON.stringify(event)), context);
    return answer === undefined ? null : JSON.parse(JSON.stringify(answer));
  };
};
