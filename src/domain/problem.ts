import { type ErrorCode, errorTable } from "./errors.ts";
import type { Fault } from "./fault.ts";

/** Where the codes are explained: `type` of a problem document is a section that exists there. */
const errorsPage = "docs/errors.md";

/** RFC 9457 problem document, with every fault at once. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly errors: readonly { pointer: string; detail: string; current?: string; wanted?: string }[];
}

interface Explained {
  readonly code: ErrorCode;
  readonly message: string;
  readonly faults: readonly Fault[];
}

/** The problem document of an error, the same for HTTP answers and refusal events. */
export const problemOf = ({ code, message, faults }: Explained): Problem => {
  const { title, status, kind } = errorTable[code];
  return {
    type: `${errorsPage}#${code.toLowerCase()}`,
    title,
    status,
    detail: message,
    code,
    retryable: kind === "busy" || kind === "down",
    errors: faults.map(({ pointer, message: detail, current, wanted }) => ({
      pointer,
      detail,
      ...(current !== undefined && { current }),
      ...(wanted !== undefined && { wanted }),
    })),
  };
};
