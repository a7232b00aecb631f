import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
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

test("no function looks for the AWS SDK's configuration files, which cost a cold start and are not there", async () => {
  const entries = await readdir("dist/functions", { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  expect(files.length).toBeGreaterThan(functionNames.length);
  const texts = await Promise.all(files.map(async (file) => await readFile(file, "utf8")));
  expect(files.filter((_, at) => texts[at]?.includes("AWS_CONFIG_FILE"))).toEqual([]);
});
