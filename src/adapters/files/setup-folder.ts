import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileFault } from "./file-fault.ts";
import { maxFileBytes, readYaml, type YamlText } from "./yaml-document.ts";

/** One file of a setup as text. */
export interface SetupFile {
  /** Relative to the folder, with `/`: `tenants/acme.yaml`. */
  readonly path: string;
  /** `acme`: what other files call it. */
  readonly name: string;
  readonly yaml: YamlText;
}

export interface SetupFolder {
  readonly tenants: readonly SetupFile[];
  readonly policies: readonly SetupFile[];
  readonly templates: readonly SetupFile[];
  /** JSON, which is YAML too. */
  readonly managedPolicies: readonly SetupFile[];
  readonly faults: readonly FileFault[];
}

const extension = ".yaml";

/** Managed policies are kept as IAM gives them. */
const managed = { kind: "policies/managed", extension: ".json" };

const faultOf = (file: string, message: string): FileFault => ({ file, line: 1, column: 1, pointer: "", message });

/** The names in a folder, sorted; a folder that is not there is an empty one. */
const namesIn = async (folder: string): Promise<string[]> => {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
};

const yamlOf = (bytes: Uint8Array): YamlText => {
  const refuse = (message: string): YamlText => ({ faults: [{ line: 1, column: 1, message }] });
  if (bytes.length > maxFileBytes) {
    return refuse(`must be at most ${maxFileBytes} bytes: current size is ${bytes.length} bytes`);
  }
  try {
    return readYaml(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError && "code" in error && error.code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
      return refuse("must be text in UTF-8");
    }
    throw error;
  }
};

const readKind = async (
  directory: string,
  kind: string,
  ending = extension,
): Promise<{ files: SetupFile[]; faults: FileFault[] }> => {
  const names = await namesIn(join(directory, kind));
  const files = names
    .filter((name) => name.endsWith(ending))
    .map(async (name) => ({
      path: `${kind}/${name}`,
      name: name.slice(0, -ending.length),
      yaml: yamlOf(await readFile(join(directory, kind, name))),
    }));
  // Such a file would be left out without a word.
  const misnamed = names
    .filter((name) => /\.(ya?ml|json)$/i.test(name) && !name.endsWith(ending))
    .map((name) => faultOf(`${kind}/${name}`, `must be named "*${ending}": current name is "${name}"`));
  return { files: await Promise.all(files), faults: misnamed };
};

/** A text as the file of this path would be read. */
export const setupFile = (kind: string, name: string, text: string): SetupFile => ({
  path: `${kind}/${name}${extension}`,
  name,
  yaml: readYaml(text),
});

/** Every YAML file of a setup. A folder without tenants is a fault: most likely it is the wrong one. */
export const readSetupFolder = async (directory: string): Promise<SetupFolder> => {
  const tenants = await readKind(directory, "tenants");
  const policies = await readKind(directory, "policies");
  const templates = await readKind(directory, "templates");
  const managedPolicies = await readKind(directory, managed.kind, managed.extension);
  const faults = [...tenants.faults, ...policies.faults, ...templates.faults, ...managedPolicies.faults];
  if (tenants.files.length === 0) {
    faults.push(faultOf(`tenants/*${extension}`, "must be one file at least: current number is 0"));
  }
  return {
    tenants: tenants.files,
    policies: policies.files,
    templates: templates.files,
    managedPolicies: managedPolicies.files,
    faults,
  };
};
