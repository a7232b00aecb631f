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
 * only log a warning (@smithy/node-http-handler, "throwOnRequestTimeout").
 */
export const clientConfig = ({ connection, request }: CallLimits) => ({
  maxAttempts: 3,
  requestHandler: { connectionTimeout: connection, requestTimeout: request, throwOnRequestTimeout: true },
});
