import type { Context } from "aws-lambda";
import type { Services } from "#domain/ports.ts";
import type { DoorServices, LogRecord } from "#handlers/door.ts";
import type { Ending, Instance } from "./instances.ts";
import type { World } from "./world.ts";
import { accountId, operatorSender } from "./world-tenants.ts";

export type ServicesOf = (instance: Instance) => Services;

/** One invocation of a handler of the product, made for an instance of its own as at a cold start. */
export interface Invocation<Answer> {
  readonly name: string;
  readonly timeoutMs: number;
  readonly handler: (parts: DoorServices) => (event: never, context: Context, callback: () => void) => unknown;
  readonly event: unknown;
  /** A message of the event is to come again after so many seconds. */
  readonly later?: (receiptHandle: string, seconds: number) => void;
  /** What the handler logs. */
  readonly logged?: (message: string, record: LogRecord) => void;
  readonly ended: (ending: Ending<Answer>) => void;
}

export interface Lambda {
  invoke<Answer>(invocation: Invocation<Answer>): void;
}

const contextOf = ({ scheduler }: World, { name, deadlineAt }: Instance): Context => ({
  callbackWaitsForEmptyEventLoop: false,
  functionName: "sluice",
  functionVersion: "$LATEST",
  invokedFunctionArn: `arn:aws:lambda:us-east-1:${accountId}:function:sluice`,
  memoryLimitInMB: "256",
  awsRequestId: name,
  logGroupName: "/aws/lambda/sluice",
  logStreamName: name,
  getRemainingTimeInMillis: () => deadlineAt - scheduler.now(),
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
});

const shown = ({ messageId, submissionId, verdict, code, reason }: LogRecord): string =>
  [messageId, submissionId, verdict, code, reason].filter((part) => part !== undefined).join(" ");

/** What calls the product's handlers as Lambda does: with a context, with its own services, until their time is up. */
export const createLambda = (world: World, servicesOf: ServicesOf): Lambda => {
  const { instances, random, profile, variant } = world;
  const answered = variant?.answer ?? ((answer: unknown) => answer);
  const logOf = (instance: Instance, logged: Invocation<unknown>["logged"]): DoorServices["log"] => {
    const write = (message: string, record: LogRecord): void => {
      world.tell(instance.name, `logs "${message}" ${shown(record)}`);
      logged?.(message, record);
    };
    return { info: write, warn: write, error: write, metrics: () => undefined };
  };
  const redeliveryOf = (instance: Instance, later: Invocation<unknown>["later"]): DoorServices["redelivery"] => ({
    later: (receiptHandle, _queueArn, seconds) =>
      instances.call(instance, {
        name: "redelivery.later",
        effect: async () => later?.(receiptHandle, seconds),
        failure: { chance: profile.tableFails, error: () => new Error("SQS did not answer"), lateMs: 2000 },
      }),
    jitter: random.next,
  });
  return {
    invoke: <Answer>({ name, timeoutMs, handler, event, later, logged, ended }: Invocation<Answer>): void =>
      instances.spawn(
        name,
        timeoutMs,
        async (instance) => {
          const parts: DoorServices = {
            services: servicesOf(instance),
            config: {
              accountId,
              jwtClaims: ["client_id"],
              authorizerKeys: [],
              envelopeQueues: {},
              operatorSenders: [operatorSender],
            },
            log: logOf(instance, logged),
            redelivery: redeliveryOf(instance, later),
          };
          const answer = handler(parts)(event as never, contextOf(world, instance), () => undefined);
          return answered(await answer) as Answer;
        },
        ended,
      ),
  };
};
