import { optionFault } from "./option-fault.ts";

const operandFault = (name: string, wanted: string, value: string): string =>
  `<${name}> must be ${wanted}: current value is "${value}"`;

/** One call is asked about: what a policy names with a wildcard is many. `*` alone stands for an action of no resource. */
const operandFaults = ([, action = "", arn = ""]: readonly string[]): string[] => [
  ...(/^[a-z0-9-]+:[A-Za-z0-9]+$/i.test(action)
    ? []
    : [operandFault("action", "one action such as s3:GetObject, without wildcards", action)]),
  ...(arn === "*" || /^arn:[^:*?]+:[^:*?]+:[^:*?]*:[^:*?]*:[^*?]+$/.test(arn)
    ? []
    : [operandFault("arn", "the ARN of one resource such as arn:aws:s3:::lake/acme/x, without wildcards", arn)]),
];

const contextFaults = (texts: readonly string[]): string[] =>
  texts
    .filter((text) => !/^[^=:]+:[^=]+=/.test(text))
    .map((text) => optionFault("context", "KEY=VALUE, such as s3:prefix=acme/", text));

/** What `sluice can` asks beside its operands; what is wrong with either is added to the faults. */
export const readCanOptions = (
  operands: readonly string[],
  values: Readonly<Record<string, unknown>>,
  faults: string[],
): readonly string[] => {
  const { context } = values;
  const texts = Array.isArray(context) ? context.map(String) : [];
  faults.push(...operandFaults(operands), ...contextFaults(texts));
  return texts;
};
