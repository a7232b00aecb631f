import type { Command } from "./command-line.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** Pauses with a message, and resumes without one. */
export const suspendStarts = async (command: Command, { out, err, ledger }: Terminal): Promise<ExitCode> => {
  const { name, table, operand, message } = command;
  // A tenant that is not there would be paused for nobody, and a mistyped name would be found too late.
  if (operand !== undefined && (await ledger(table).current(operand)) === undefined) {
    err(`Cannot ${name} tenant "${operand}": table "${table}" does not have it`);
    return 1;
  }
  await ledger(table).suspend(operand ?? "*", message);
  const what =
    message === undefined
      ? `resumed in table "${table}": turns are given again within a minute`
      : `paused in table "${table}": ${message}`;
  out(`${operand ?? "all tenants"}: ${what}`);
  return 0;
};
