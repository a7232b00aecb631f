import { ServiceError } from "#domain/errors.ts";
import { failureOf, nameOf } from "./aws-failure.ts";

export const ledgerDown = (task: string, cause: unknown): ServiceError =>
  new ServiceError("ERR_LEDGER_DOWN", `Cannot ${task}: the ledger does not answer: try again`, {
    retryAfterSeconds: 1,
    cause,
  });

/** Calls DynamoDB to do `task`; what passes by itself comes as ERR_LEDGER_DOWN, anything else as it is. */
export const ledgerCall = async <T>(task: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    if (failureOf(error) === "other") throw error;
    throw ledgerDown(task, error);
  }
};

/** A conditional write: nothing comes back where its condition does not hold. */
export const conditionalWrite = async <T>(task: string, call: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await ledgerCall(task, call);
  } catch (error) {
    if (nameOf(error) === "ConditionalCheckFailedException") return undefined;
    throw error;
  }
};
