import { once } from "#adapters/aws/once.ts";
import { collectBody } from "./collect-body.ts";

/** How long an AWS call may take, in milliseconds. */
export interface CallLimits {
  /** Until the connection stands. */
  readonly connection: number;
  /** Until the answer begins. */
  readonly request: number;
}

/**
 * The SDK tries a call 3 times, with pauses below a second in between: a service that says nothing at all is given up
 * after 16 s, which is below the timeout of every function, so that it ends as an error of ours.
 */
export const callLimits: CallLimits = { connection: 1000, request: 5000 };

/**
 * What every AWS client is made with: without limits of its own the SDK waits for ever. The limit of a request alone would
 * only log a warning (@smithy/node-http-handler, "throwOnRequestTimeout"). With the
 * middleware resolved once a command instead of once a call, and bodies read as they come, a call takes less CPU time.
 */
export const clientConfig = ({ connection, request }: CallLimits) => ({
  maxAttempts: 3,
  requestHandler: { connectionTimeout: connection, requestTimeout: request, throwOnRequestTimeout: true },
  cacheMiddleware: true,
  streamCollector: collectBody,
});

/** A client as far as it is made lean. */
interface Client {
  readonly middlewareStack: { removeByTag(tag: string): boolean };
  readonly config: { signer(scheme?: never): Promise<unknown> };
}

/**
 * Takes out of a client what costs CPU time and does nothing: for a logger that nobody set, the SDK copies what each call
 * sends and gets; and each call makes a signer out of the whole configuration, for the same region and service.
 */
export const lean = <T extends Client>(client: T): T => {
  client.middlewareStack.removeByTag("LOGGER");
  const { config } = client;
  const { signer } = config;
  config.signer = once(async () => await signer());
  return client;
};
