import { readdir, rm } from "node:fs/promises";
import { builtinModules } from "node:module";
import { build, type Plugin } from "esbuild";

export const functionNames = ["http", "queue", "events", "dispatch", "job-run-changed", "reconcile"] as const;

const isBuiltin = new Set(builtinModules.map((name) => name.replace(/^node:/, "")));

/** Named exports as constants that the bundler drops where nothing imports them. */
const namedExports = (module: string): string[] =>
  Object.keys(process.getBuiltinModule(module) ?? {})
    .filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== "default")
    .map((name, at) => `const x${at} = /* @__PURE__ */ (() => builtin.${name})(); export { x${at} as ${name} };`);

/**
 * Takes Node's own modules by process.getBuiltinModule. To import one as an ES module, Node reads all its exports, also
 * those that it loads on demand: node:http brings fetch and WebSocket, node:process the standard streams. That is a
 * quarter of a cold start's CPU time (20 to 30 ms), for exports that nothing uses.
 */
const plainBuiltins: Plugin = {
  name: "plain-builtins",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^(node:)?[a-z_/]+$/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, "");
      if (!isBuiltin.has(name)) return undefined;
      // import() wants the whole module: as CommonJS its exports are handed over unread.
      const namespace = kind === "import-statement" ? "builtin" : "whole-builtin";
      return { path: `node:${name}`, namespace, sideEffects: false };
    });
    onLoad({ filter: /.*/, namespace: "whole-builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule("${path}");`,
    }));
    onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => {
      const builtin = `const builtin = /* @__PURE__ */ process.getBuiltinModule("${path}"); export default builtin;`;
      return { contents: [builtin, ...namedExports(path)].join("\n") };
    });
  },
};

/**
 * Leaves out the ways to credentials that no function has: Lambda hands them over in the environment. The SDK imports the
 * others when it gets so far, and what they have in common with the rest of it would make chunks that every cold start
 * has to read.
 */
const environmentCredentials: Plugin = {
  name: "environment-credentials",
  setup: ({ onResolve }) => {
    const others = /^@(aws-sdk|smithy)\/credential-provider-(http|imds|ini|process|sso|web-identity)$/;
    onResolve({ filter: others }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    );
  },
};

/**
 * Leaves out the look for ~/.aws/config and ~/.aws/credentials, which each client of a cold start takes: no function has
 * such files, and its settings are in the environment.
 */
const environmentSettings: Plugin = {
  name: "environment-settings",
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]shared-ini-file-loader[\\/]loadSharedConfigFiles\.js$/ }, () => ({
      contents: [
        'export { CONFIG_PREFIX_SEPARATOR } from "./constants";',
        "export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });",
      ].join("\n"),
    }));
  },
};

const ownPlugins: readonly Plugin[] = [plainBuiltins, environmentCredentials, environmentSettings];

/** Source files by the names of what becomes of them. */
type EntryPoints = Readonly<Record<string, string>>;

/**
 * Bundles each entry point to `<outdir>/<name>.mjs`. With code splitting, what a function loads on demand, and the many
 * credential providers that Lambda never uses, stay in files that are not read at a cold start.
 */
export const bundle = async (
  entryPoints: EntryPoints,
  outdir: string,
  plugins: readonly Plugin[] = ownPlugins,
): Promise<void> => {
  await rm(outdir, { recursive: true, force: true });
  await addBundle(entryPoints, outdir, { plugins });
};

interface BundleOptions {
  readonly plugins?: readonly Plugin[];
  /** Where the chunks go, below `outdir`. */
  readonly chunks?: string;
}

const addBundle = async (
  entryPoints: EntryPoints,
  outdir: string,
  { plugins = ownPlugins, chunks = "shared" }: BundleOptions,
): Promise<void> => {
  await build({
    entryPoints: Object.entries(entryPoints).map(([out, source]) => ({ in: source, out })),
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
    chunkNames: `${chunks}/[name]-[hash]`,
    mainFields: ["module", "main"],
    plugins: [...plugins],
    // For CommonJS packages that require built-in modules. A real `require` takes a look at the file system in each file.
    banner: { js: "const require=process.getBuiltinModule;" },
    logLevel: "warning",
  });
};

/**
 * Bundles each function of src/functions that AWS calls, by itself: what a function reads at its cold start is then split
 * by what it loads later, and not by what other functions read as well, which made nine more files of it.
 */
export const buildFunctions = async (outdir: string): Promise<void> => {
  await rm(outdir, { recursive: true, force: true });
  const builds = functionNames.map(async (name) => {
    await addBundle({ [name]: `src/functions/${name}.ts` }, outdir, { chunks: `shared/${name}` });
  });
  await Promise.all(builds);
};

if (import.meta.main) {
  await buildFunctions("dist/functions");
  const files = await readdir("dist/functions", { recursive: true });
  process.stdout.write(`Built ${functionNames.length} functions in dist/functions (${files.length} files)\n`);
}
