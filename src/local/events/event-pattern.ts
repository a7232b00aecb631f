import { BlockList, isIP } from "node:net";

/** Whether a value that the event holds satisfies one entry of a pattern's list. */
type ValueTest = (value: unknown) => boolean;
/** Whether a field does; `undefined` stands for a field that is not there. */
type FieldTest = (value: unknown) => boolean;

export class InvalidPatternError extends Error {
  override readonly name = "InvalidPatternError";
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Reads an event pattern and gives the test that it is. All operators of
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function compilePattern(text: string): (event: unknown) => boolean {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch (error) {
    throw new InvalidPatternError(
      `Event pattern is not valid. Reason: ${error instanceof Error ? error.message : error}`,
    );
  }
  if (!isObject(pattern)) throw invalid("Filter is not an object");
  if (Object.keys(pattern).length === 0) throw invalid("Empty patterns are not allowed");
  return compileObject(pattern);
}

const invalid = (reason: string) => new InvalidPatternError(`Event pattern is not valid. Reason: ${reason}`);

function compileObject(pattern: Record<string, unknown>): FieldTest {
  const tests = Object.entries(pattern).map(([name, value]) =>
    name === "$or" && isAlternatives(value) ? compileOr(value) : compileField(name, value),
  );
  return (event) => tests.every((test) => test(event));
}

/** Anything else under "$or" is a field of that name, as in EventBridge. */
const isAlternatives = (value: unknown): value is Record<string, unknown>[] =>
  Array.isArray(value) &&
  value.length > 1 &&
  value.every(isObject) &&
  !value.some((entry) => Object.keys(entry).some((name) => name === "exists" || isOperator(name)));

function compileOr(alternatives: Record<string, unknown>[]): FieldTest {
  const tests = alternatives.map(compileObject);
  return (event) => tests.some((test) => test(event));
}

function compileField(name: string, pattern: unknown): FieldTest {
  const test = isObject(pattern) ? compileNested(name, pattern) : compileList(name, pattern);
  return (event) => test(isObject(event) && Object.hasOwn(event, name) ? event[name] : undefined);
}

function compileNested(name: string, pattern: Record<string, unknown>): FieldTest {
  if (Object.keys(pattern).length === 0) throw invalid(`Empty objects are not allowed: "${name}"`);
  const test = compileObject(pattern);
  // Of an array of objects, one of them has to match as a whole.
  return (value) => (Array.isArray(value) && value.length > 0 ? flatten(value).some(test) : test(value));
}

function compileList(name: string, pattern: unknown): FieldTest {
  if (!Array.isArray(pattern)) throw invalid(`"${name}" must be an object or an array`);
  if (pattern.length === 0) throw invalid(`Empty arrays are not allowed: "${name}"`);
  const tests = pattern.map((entry) =>
    isObject(entry) && "exists" in entry ? compileExists(entry) : anyValue(compileEntry(entry)),
  );
  return (value) => tests.some((test) => test(value));
}

/** Of an array in the event, one value that matches is enough. */
const anyValue =
  (test: ValueTest): FieldTest =>
  (value) =>
    valuesOf(value).some(test);

const valuesOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? flatten(value) : value === undefined ? [] : [value];
const flatten = (values: unknown[]): unknown[] =>
  values.flatMap((value) => (Array.isArray(value) ? flatten(value) : [value]));

/** Works on leaves only: an object is not a value, an empty array holds none. */
function compileExists(entry: Record<string, unknown>): FieldTest {
  const { exists, ...rest } = entry;
  if (typeof exists !== "boolean" || Object.keys(rest).length > 0) throw invalid("exists must be true or false, alone");
  return (value) => valuesOf(value).some((leaf) => !isObject(leaf)) === exists;
}

function compileEntry(entry: unknown): ValueTest {
  if (!isObject(entry)) {
    if (Array.isArray(entry)) throw invalid("an array inside of an array is no value");
    return (value) => value === entry;
  }
  const [operator = "", ...more] = Object.keys(entry);
  if (more.length > 0 || !isOperator(operator))
    throw invalid(`Unrecognized match type ${[operator, ...more].join(", ")}`);
  return operators[operator](entry[operator]);
}

type Operator = "prefix" | "suffix" | "equals-ignore-case" | "wildcard" | "anything-but" | "numeric" | "cidr";
const isOperator = (name: string): name is Operator => Object.hasOwn(operators, name);

const operators: Readonly<Record<Operator, (operand: unknown) => ValueTest>> = {
  prefix: (operand) => compileEdge("prefix", operand, (text, edge) => text.startsWith(edge)),
  suffix: (operand) => compileEdge("suffix", operand, (text, edge) => text.endsWith(edge)),
  "equals-ignore-case": (operand) => {
    const wanted = textOf("equals-ignore-case", operand).toLowerCase();
    return (value) => typeof value === "string" && value.toLowerCase() === wanted;
  },
  wildcard: (operand) => compileWildcard(textOf("wildcard", operand)),
  "anything-but": compileAnythingBut,
  numeric: compileNumeric,
  cidr: compileCidr,
};

function textOf(operator: string, operand: unknown): string {
  if (typeof operand !== "string") throw invalid(`${operator} match pattern must be a string`);
  return operand;
}

function compileEdge(operator: string, operand: unknown, matches: (text: string, edge: string) => boolean): ValueTest {
  if (!isObject(operand)) {
    const edge = textOf(operator, operand);
    return (value) => typeof value === "string" && matches(value, edge);
  }
  if (Object.keys(operand).join() !== "equals-ignore-case")
    throw invalid(`${operator} takes a string or equals-ignore-case`);
  const edge = textOf("equals-ignore-case", operand["equals-ignore-case"]).toLowerCase();
  return (value) => typeof value === "string" && matches(value.toLowerCase(), edge);
}

function compileWildcard(text: string): ValueTest {
  const parts = text.match(/\\.|[^\\]|\\$/gs) ?? [];
  let source = "";
  for (const [index, part] of parts.entries()) {
    if (part === "*" && parts[index - 1] === "*") throw invalid("Consecutive wildcard characters");
    if (part.startsWith("\\") && part !== "\\*" && part !== "\\\\")
      throw invalid("Invalid escape character in a wildcard");
    source += part === "*" ? ".*" : part.replace(/^\\/, "").replace(/[$()*+./?[\\\]^{|}]/g, "\\$&");
  }
  const expression = new RegExp(`^${source}$`, "s");
  return (value) => typeof value === "string" && expression.test(value);
}

const nestable: readonly Operator[] = ["prefix", "suffix", "equals-ignore-case", "wildcard"];

function compileAnythingBut(operand: unknown): ValueTest {
  const tests = isObject(operand) ? nestedTests(operand) : listOf(operand).map(compileScalar);
  // A field that is not there has no value, so it does not match; neither does an object.
  return (value) => !isObject(value) && tests.every((test) => !test(value));
}

function nestedTests(operand: Record<string, unknown>): ValueTest[] {
  const [operator = "", ...more] = Object.keys(operand);
  const known = nestable.find((name) => name === operator);
  if (!known || more.length > 0) throw invalid(`Unsupported anything-but pattern: ${[operator, ...more].join(", ")}`);
  return listOf(operand[known]).map((entry) => operators[known](entry));
}

function listOf(operand: unknown): unknown[] {
  const list = Array.isArray(operand) ? operand : [operand];
  if (list.length === 0) throw invalid("Empty arrays are not allowed");
  return list;
}

function compileScalar(entry: unknown): ValueTest {
  if (typeof entry !== "string" && typeof entry !== "number")
    throw invalid("Inside anything-but list, only strings and numbers");
  return (value) => value === entry;
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

function compileNumeric(operand: unknown): ValueTest {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw invalid("numeric takes one or two comparisons, each an operator and a number");
  }
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    const [name, bound]: unknown[] = operand.slice(index, index + 2);
    const compare = typeof name === "string" && Object.hasOwn(comparisons, name) ? comparisons[name] : undefined;
    if (!compare) throw invalid(`Unrecognized numeric range operator: ${name}`);
    if (typeof bound !== "number") throw invalid(`Value of ${name} must be numeric`);
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === "number" && tests.every((test) => test(value));
}

function compileCidr(operand: unknown): ValueTest {
  const [address = "", bits = ""] = textOf("cidr", operand).split("/");
  const family = isIP(address);
  if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128))
    throw invalid(`Malformed CIDR: ${operand}`);
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family === 4 ? "ipv4" : "ipv6");
  return (value) => {
    const of = typeof value === "string" ? isIP(value) : 0;
    return of !== 0 && typeof value === "string" && block.check(value, of === 4 ? "ipv4" : "ipv6");
  };
}
