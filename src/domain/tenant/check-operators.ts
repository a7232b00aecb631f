import { type Fault, faultAt } from "#domain/fault.ts";
import { nearest } from "#domain/nearest.ts";
import { operatorNames } from "#domain/proof/condition.ts";
import type { PolicyTemplate } from "./policy-template.ts";

/** Every condition operator as IAM writes it (IAM User Guide, "IAM JSON policy elements: Condition operators"). */
const known: readonly string[] = ["", "ForAllValues:", "ForAnyValue:"].flatMap((quantifier) =>
  operatorNames.flatMap((name) => [
    `${quantifier}${name}`,
    // Null asks whether the key is there: IAM takes it without IfExists.
    ...(name === "Null" ? [] : [`${quantifier}${name}IfExists`]),
  ]),
);

/** Condition operators of a policy template that IAM does not have: it refuses such a policy when the job starts. */
export const operatorFaults = ({ document: { Statement: written } }: PolicyTemplate): Fault[] =>
  (Array.isArray(written) ? written : [written]).flatMap(({ Condition = {} }, at) => {
    const path = ["document", "Statement", ...(Array.isArray(written) ? [at] : []), "Condition"];
    return Object.keys(Condition)
      .filter((operator) => !known.includes(operator))
      .map((operator) => {
        const without = operator.replace(/IfExists$/, "");
        const meant = (known.includes(without) ? without : nearest(operator, known)) ?? "StringLike";
        return faultAt([...path, operator], operator, `a condition operator of IAM, such as "${meant}"`);
      });
  });
