import { type Decision, evaluate, type Request, type StatementPart, unmet } from "./evaluate.ts";
import type { Policy, Statement } from "./statement.ts";

/** An answer with its reason: the deciding statement, or the Allow that was nearest. */
export interface Answer extends Decision {
  /** Of an implicit deny: the Allow that failed by the least, and by what. */
  readonly nearest?: {
    readonly policy: string;
    readonly statement: Statement;
    readonly unmet: readonly StatementPart[];
  };
}

/** What counts most against being near: an action that is not named has nothing to do with the statement. */
const distance = (parts: readonly StatementPart[]): number =>
  parts.reduce((sum, part) => sum + { action: 4, resource: 2, condition: 1 }[part], 0);

/** Whether the policies let a tenant's job do this, and which statement decides. */
export const can = (policies: readonly Policy[], request: Request): Answer => {
  const decision = evaluate(policies, request);
  if (decision.verdict !== "implicit-deny") return decision;
  const misses = policies
    .flatMap(({ name, statements }) => statements.map((statement) => ({ policy: name, statement })))
    .filter(({ statement }) => statement.effect === "Allow")
    .map((one) => ({ ...one, unmet: unmet(one.statement, request) }))
    .sort((one, other) => distance(one.unmet) - distance(other.unmet));
  const [nearest] = misses;
  return nearest === undefined ? decision : { ...decision, nearest };
};
