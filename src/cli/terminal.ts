import type { Asker } from "./ask.ts";
import type { ExplainSurroundings } from "./explain-command.ts";
import type { OperatorLedger } from "./operator-ledger.ts";
import type { Redrive } from "./redrive.ts";
import type { RedriveOptions } from "./redrive-options.ts";

/** What a command needs from outside. */
export interface Terminal {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** SLUICE_TABLE. */
  readonly defaultTable: string | undefined;
  /** Who sits at it, for the history. */
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  readonly ledger: (table: string) => OperatorLedger;
  /** Asks whoever sits at it; nothing where nobody does. */
  readonly asker: (() => Asker) | undefined;
  /** What the environment says of prices and Region; it throws where that is wrong. */
  readonly explaining: () => ExplainSurroundings;
  /** Moves dead letters back, with a line for each. */
  readonly redrive: (table: string, options: RedriveOptions) => Promise<Redrive>;
}

export type ExitCode = 0 | 1 | 2;

export const many = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
