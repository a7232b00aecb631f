import { takesResource, unknownName } from "#adapters/files/service-reference.ts";
import { type Answer, can, type Miss, type MissedStatement } from "#domain/proof/can.ts";
import { managedOf, valuesOf } from "#domain/proof/provable.ts";
import { policyOf } from "#domain/proof/subject.ts";
import { readSetups } from "./accepted-files.ts";
import type { Command } from "./command-line.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

const stated = ({ policy, statement }: NonNullable<Answer["by"]>): string =>
  `statement "${statement.label}" of policy "${policy}"`;

const quoted = (values: readonly string[]): string => values.map((value) => `"${value}"`).join(" or ");

/** What of a statement the call does not meet: what the statement has, and of a condition what the call has. */
const missed = ({ element, key, values }: Miss, given: Readonly<Record<string, string>>): string => {
  if (key === undefined) return `its ${element} is ${quoted(values)}`;
  const [, own] = Object.entries(given).find(([name]) => name.toLowerCase() === key.toLowerCase()) ?? [];
  return `its Condition ${element} is ${quoted(values)}, and the call has ${own === undefined ? "none" : `"${own}"`}`;
};

/** What else the call would have to tell for a certain answer. */
const unlessPart = (unless: readonly MissedStatement[]): string => {
  if (unless.length === 0) return "";
  const denies = unless.map((deny) => `${stated(deny)} (${deny.misses.map(({ key }) => key).join(", ")})`);
  return `, unless ${denies.join(" or ")} denies it: give --context`;
};

interface Asked {
  readonly action: string;
  readonly context: Readonly<Record<string, string>>;
}

/** The verdict and what decided it, in a line. */
const answerLine = ({ verdict, by, nearest, unless = [] }: Answer, { action, context }: Asked): string => {
  if (verdict === "allow" && by !== undefined)
    return `allowed by ${stated(by)}, as far as the role allows it too${unlessPart(unless)}`;
  if (verdict === "explicit-deny" && by !== undefined) return `denied by ${stated(by)}`;
  if (nearest === undefined) return `denied: nothing allows anything of the service "${action.split(":")[0]}"`;
  const why = nearest.misses.map((miss) => missed(miss, context)).join("; ");
  return `denied: nothing allows it; nearest is ${stated(nearest)}, but ${why}`;
};

/** Condition keys of the call, from `--context key=value`. */
const contextOf = (given: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf("=");
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );

/** What AWS does not have of a call's names: an answer about it says nothing. */
const unknownNames = async (action: string, context: Readonly<Record<string, string>>): Promise<string[]> => {
  const keys = Object.keys(context).map(async (key) => await unknownName("condition key", key));
  const found = await Promise.all([unknownName("action", action), ...keys]);
  return found.filter((message) => message !== undefined);
};

/** What a job of the tenant may do, by the files: exit code 0 where it may, 1 where it may not. */
export const askCan = async (command: Command, terminal: Terminal): Promise<ExitCode> => {
  const [tenantId = "", action = "", resource = ""] = command.operands ?? [];
  const context = contextOf(command.context ?? []);
  const setups = await readSetups(command, terminal);
  if (setups === undefined) return 1;
  const setup = setups.find(({ tenant }) => tenant.tenantId === tenantId);
  const values = setup === undefined ? undefined : valuesOf(setup);
  if (setup === undefined || values === undefined) {
    const known = setups.map(({ tenant }) => tenant.tenantId).join(", ");
    terminal.err(`Cannot tell what tenant "${tenantId}" may do: known tenants are ${known}`);
    return 1;
  }
  // A job's own ids are read as an example's.
  const job = { "submission.id": "req.example", "application.id": "00example" };
  const policies = [policyOf(setup.policyTemplate, { ...values, ...job }), ...managedOf(setup).known];
  if (resource === "*" && (await takesResource(action))) {
    terminal.err(
      `Cannot tell what tenant "${tenantId}" may do: ${action} is asked of a resource: give its ARN for "*"`,
    );
    return 1;
  }
  for (const warning of await unknownNames(action, context)) terminal.err(`warning: the call ${warning}`);
  const answer = can(policies, { action, resource, context });
  terminal.out(`${tenantId} ${action} ${resource}: ${answerLine(answer, { action, context })}`);
  return answer.verdict === "allow" ? 0 : 1;
};
