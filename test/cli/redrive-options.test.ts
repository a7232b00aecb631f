import { expect, test } from "vitest";
import { readCommandLine } from "#cli/command-line.ts";
import type { Terminal } from "#cli/terminal.ts";
import { runWith } from "./terminal.ts";

const from = "https://sqs.us-east-1.amazonaws.com/111122223333/sluice-submissions-dlq";
const to = "https://sqs.us-east-1.amazonaws.com/111122223333/sluice-submissions";
const given = ["redrive", "--from", from, "--to", to];

const faultsOf = (...args: readonly string[]): readonly string[] => {
  const line = readCommandLine(args, undefined);
  return line.verdict === "wrong" ? line.faults : [];
};

const redriveOf = (...args: readonly string[]) => {
  const line = readCommandLine(args, undefined);
  return line.verdict === "command" ? line.command.redrive : undefined;
};

test("readCommandLine() takes two queues to redrive, 5 messages a second and all kinds unless told", () => {
  expect(redriveOf(...given)).toEqual({ from, to, rate: 5, kind: "all", dryRun: false });
  expect(redriveOf(...given, "--dry-run", "--rate", "0.5", "--kind=unproven", "--max", "10")).toEqual({
    from,
    to,
    rate: 0.5,
    kind: "unproven",
    max: 10,
    dryRun: true,
  });
});

test("readCommandLine() tells every fault of the options of redrive", () => {
  expect(faultsOf("redrive", "--rate", "fast", "--kind", "busy", "--max", "0")).toEqual([
    'Option "--from" must be the URL of an SQS queue: current value is nothing',
    'Option "--to" must be the URL of an SQS queue: current value is nothing',
    'Option "--kind" must be one of passing, unproven, refused, bug, all: current value is "busy"',
    'Option "--rate" must be a number of messages a second from 0.1 to 300: current value is "fast"',
    'Option "--max" must be a number from 1: current value is "0"',
  ]);
  expect(faultsOf("redrive", "--from", from, "--to", from)).toEqual([
    `Option "--to" must be another queue than --from: current value is "${from}"`,
  ]);
  expect(faultsOf("redrive", "--from", from, "--to", `${to}.fifo`)).toEqual([
    `Option "--to" must be a FIFO queue where --from is one, and only there: current value is "${to}.fifo"`,
  ]);
  expect(faultsOf(...given, "--dry-run=no")).toEqual(['Option "--dry-run" takes no value: current value is "no"']);
});

test.each(["0", "0.05", "301", "-1", "1e2", "Infinity", ""])("readCommandLine() refuses the rate %s", (rate) => {
  expect(faultsOf(...given, `--rate=${rate}`)).toHaveLength(1);
});

test.each([
  [{ moved: 2, notAsked: 0, left: {} }, 0, "moved 2 messages, left 0"],
  [{ moved: 0, notAsked: 3, left: {} }, 0, "moved 0 messages, left 0, 3 of another kind"],
  [{ moved: 1, notAsked: 0, left: { unproven: 2, bug: 1 } }, 1, "moved 1 message, left 3 (2 unproven, 1 bug)"],
])("run() sums up what a redrive did: %o", async (result, code, summary) => {
  const redrive: Terminal["redrive"] = async (table, options) => {
    expect([table, options.from]).toEqual(["prod", from]);
    return result;
  };
  expect(await runWith({ defaultTable: "prod", redrive }, ...given)).toEqual({ code, out: [summary], err: [] });
});
