import { build } from "esbuild";
import { expect, test } from "vitest";
import { functionNames } from "../../build.ts";

/** Every module that a function ships, also what it imports later. */
const modulesOf = async (source: string): Promise<string[]> => {
  const { metafile } = await build({
    entryPoints: [source],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    outdir: "out",
    write: false,
    metafile: true,
  });
  return Object.keys(metafile.inputs);
};

test.each(functionNames)(
  "the function %s ships no command line, no files and none of AWS's list of actions",
  async (name) => {
    const modules = await modulesOf(`src/functions/${name}.ts`);
    expect(modules.filter((path) => path.startsWith("src/domain/"))).not.toEqual([]);
    expect(modules.filter((path) => /iam-data|^src\/(cli|local|adapters\/files)\//.test(path))).toEqual([]);
  },
);
