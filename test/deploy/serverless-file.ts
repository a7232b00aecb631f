import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, type ScalarTag } from "yaml";

/** A value of a YAML file, with CloudFormation's functions in their long form. */
export type Value = string | number | boolean | null | undefined | Value[] | Fields;
export type Fields = { [name: string]: Value };

const repository = join(import.meta.dirname, "..", "..");

const scalarTag = (tag: string, long: (text: string) => Fields): ScalarTag => ({
  tag,
  resolve: (text) => long(text),
});

/** The short forms of CloudFormation's functions that the files use. */
const customTags = [
  scalarTag("!Ref", (text) => ({ Ref: text })),
  scalarTag("!Sub", (text) => ({ "Fn::Sub": text })),
  scalarTag("!GetAtt", (text) => ({ "Fn::GetAtt": text.split(".") })),
];

const readYaml = (path: string): Value => parse(readFileSync(join(repository, path), "utf8"), { customTags });

export const fieldsOf = (value: Value): Fields => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new Error(`Cannot read ${JSON.stringify(value)}: a mapping is wanted`);
};

/** A list, or the one thing that stands where a list may stand. */
export const listOf = (value: Value): Value[] => {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
};

export const at = (value: Value, ...path: string[]): Value =>
  path.reduce((found: Value, name) => (found === undefined ? undefined : fieldsOf(found)[name]), value);

/** Serverless's variables, innermost first; CloudFormation's `${AWS::Region}` and `${Bus}` are none. */
const variable = /\$\{((?:file|self|param|opt|sls)[:(][^${}]*)\}/;

const lookUp = (file: Fields, given: Readonly<Record<string, string>>, text: string): Value => {
  const [, kind = "", name = "", otherwise] = /^(\w+)[:(]([^,)]+)\)?(?:, *'(.*)')?$/.exec(text) ?? [];
  if (kind === "file") return readYaml(name);
  if (kind === "self") return at(file, ...name.split("."));
  if (kind === "param") return given[name] ?? at(file, "params", "default", name);
  return otherwise ?? "dev";
};

const resolve = (file: Fields, given: Readonly<Record<string, string>>, value: Value): Value => {
  if (Array.isArray(value)) return value.map((item) => resolve(file, given, item));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolve(file, given, item)]));
  }
  const found = typeof value === "string" ? variable.exec(value) : null;
  if (typeof value !== "string" || found === null) return value;
  const [whole, text = ""] = found;
  const replacement = lookUp(file, given, text);
  if (replacement === undefined) throw new Error(`Cannot resolve ${whole}`);
  return resolve(file, given, whole === value ? replacement : value.replace(whole, () => String(replacement)));
};

/** serverless.yml with the files that it includes and its parameters, their defaults unless given. */
export const serverlessFile = (given: Readonly<Record<string, string>> = {}): Fields => {
  const file = fieldsOf(readYaml("serverless.yml"));
  return fieldsOf(resolve(file, given, file));
};

/** The resources of all included files by logical id. */
export const resourcesOf = (file: Fields): Readonly<Record<string, Fields>> =>
  Object.fromEntries(
    listOf(file["resources"]).flatMap((part) =>
      Object.entries(fieldsOf(at(part, "Resources"))).map(([id, resource]) => [id, fieldsOf(resource)]),
    ),
  );
