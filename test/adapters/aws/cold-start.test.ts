import { build } from "esbuild";
import { expect, test } from "vitest";

/** The modules that a function of such a source reads when it starts: all but what is imported later. */
const loadedAtStart = async (source: string): Promise<string[]> => {
  const { metafile } = await build({
    stdin: { contents: source, resolveDir: import.meta.dirname, loader: "ts", sourcefile: "function.ts" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    outdir: "out",
    write: false,
    metafile: true,
  });
  const loaded = new Set(
    Object.keys(metafile.outputs).filter((path) => metafile.outputs[path]?.entryPoint?.endsWith("function.ts")),
  );
  for (const path of loaded) {
    const imports = metafile.outputs[path]?.imports ?? [];
    for (const { path: next, kind } of imports) if (kind === "import-statement") loaded.add(next);
  }
  return [...loaded].flatMap((path) => Object.keys(metafile.outputs[path]?.inputs ?? {}));
};

const wiring = `
  import { awsEvents } from "#adapters/aws/aws-events.ts";
  export const events = awsEvents({
    busName: "sluice",
    eventBridge: async () => (await import("#adapters/aws/event-bridge.ts")).openEventBridge({}),
    sqs: async () => (await import("#adapters/aws/sqs.ts")).openSqs({}, Date.now),
    stepFunctions: async () => (await import("#adapters/aws/step-functions.ts")).openStepFunctions({}, Date.now),
  });
`;

test("awsEvents() keeps the EventBridge, SQS and Step Functions clients out of a function's start", async () => {
  const loaded = await loadedAtStart(wiring);
  const own = loaded.filter((path) => path.includes("src/adapters/aws/"));
  expect(own.sort()).toEqual(["src/adapters/aws/aws-events.ts", "src/adapters/aws/once.ts"]);
  expect(loaded.filter((path) => /client-(eventbridge|sqs|sfn)/.test(path))).toEqual([]);
});

test("the ledger reads DynamoDB's own client at its start, and no document client", async () => {
  const loaded = await loadedAtStart('export { dynamodbSubmissions } from "#adapters/aws/dynamodb-submissions.ts";');
  expect(loaded.some((path) => path.includes("client-dynamodb"))).toBe(true);
  expect(loaded.filter((path) => path.includes("lib-dynamodb") || path.includes("util-dynamodb"))).toEqual([]);
});
