import { readdir, rm } from "node:fs/promises";
import { build } from "esbuild";

/**
 * Bundles each function of src/functions that AWS calls to dist/functions/<name>.mjs. With code splitting, what a
 * function loads on demand, and the many credential providers that Lambda never uses, stay in files that are not read
 * at a cold start.
 */
export const functionNames = ["http", "queue", "events", "job-run-changed"] as const;

export const buildFunctions = async (outdir: string): Promise<void> => {
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: functionNames.map((name) => ({ in: `src/functions/${name}.ts`, out: name })),
    outdir,
    bundle: true,
    splitting: true,
    minify: true,
    keepNames: false,
    sourcemap: false,
    platform: "node",
    target: "node24",
    format: "esm",
    outExtension: { ".js": ".mjs" },
    chunkNames: "shared/[name]-[hash]",
    mainFields: ["module", "main"],
    banner: {
      js: 'import{createRequire as __sluiceRequire}from"node:module";const require=__sluiceRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
};

if (import.meta.main) {
  await buildFunctions("dist/functions");
  const files = await readdir("dist/functions", { recursive: true });
  process.stdout.write(`Built ${functionNames.length} functions in dist/functions (${files.length} files)\n`);
}
