import { actionsOf, hasAction } from "./actions.ts";
import { type Context, holds, withVariables } from "./condition.ts";
import { matches, type Reading, readPattern } from "./pattern.ts";
import type { Policy, Statement } from "./statement.ts";

/** One call as IAM judges it. */
export interface Request {
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
}

/** What IAM decides, and the statement that decided it: nothing allows where no statement did. */
export interface Decision {
  readonly verdict: "explicit-deny" | "allow" | "implicit-deny";
  readonly by?: { readonly policy: string; readonly statement: Statement };
}

const matchesArn = (texts: readonly string[], { resource, context }: Request, reading: Reading): boolean =>
  texts.some((text) => {
    const filled = withVariables(text, context);
    const parts = filled === undefined ? undefined : readPattern(filled, reading);
    return (
      parts !== undefined &&
      matches(
        parts.flatMap((part) => (part.kind === "placeholder" ? [] : [part])),
        resource,
      )
    );
  });

export type StatementPart = "action" | "resource" | "condition";

/** The parts of a statement that a request does not meet. */
export const unmet = (statement: Statement, request: Request): StatementPart[] => {
  const { effect, action, notAction, resource, notResource = [], condition } = statement;
  const isAllow = effect === "Allow";
  // What is not certain of an ARN is allowed, and is not denied.
  const [own, others]: Reading[] = isAllow ? ["widest", "narrowest"] : ["narrowest", "widest"];
  const meets: Readonly<Record<StatementPart, boolean>> = {
    action: hasAction(actionsOf(action, notAction), request.action),
    resource:
      resource === undefined
        ? !matchesArn(notResource, request, others ?? "widest")
        : matchesArn(resource, request, own ?? "widest"),
    condition: holds(condition, request.context, isAllow),
  };
  return (["action", "resource", "condition"] as const).filter((part) => !meets[part]);
};

/** What the policies decide: an explicit deny before an allow, and a deny where neither is. */
export const evaluate = (policies: readonly Policy[], request: Request): Decision => {
  const deciding = (effect: Statement["effect"]): Decision["by"] => {
    for (const { name, statements } of policies) {
      const statement = statements.find((one) => one.effect === effect && unmet(one, request).length === 0);
      if (statement !== undefined) return { policy: name, statement };
    }
    return undefined;
  };
  const denied = deciding("Deny");
  if (denied !== undefined) return { verdict: "explicit-deny", by: denied };
  const allowed = deciding("Allow");
  return allowed === undefined ? { verdict: "implicit-deny" } : { verdict: "allow", by: allowed };
};
