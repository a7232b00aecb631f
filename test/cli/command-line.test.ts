import { expect, test } from "vitest";
import { readCommandLine } from "#cli/command-line.ts";
import { commandNames, commands, options, usage } from "#cli/commands.ts";

const faultsOf = (...args: readonly string[]): readonly string[] => {
  const line = readCommandLine(args, undefined);
  return line.verdict === "wrong" ? line.faults : [];
};

test("readCommandLine() takes the folder and the table, wherever the options stand", () => {
  const command = { name: "tenants apply", dir: "setup", table: "jobs" };
  expect(readCommandLine(["tenants", "apply", "--dir", "setup", "--table=jobs"], "other")).toEqual({
    verdict: "command",
    command,
  });
  expect(readCommandLine(["--dir", "setup", "tenants", "--table", "jobs", "apply"], "other")).toEqual({
    verdict: "command",
    command,
  });
});

test.each([
  { defaultTable: undefined, table: "sluice" },
  { defaultTable: "", table: "sluice" },
  { defaultTable: "prod", table: "prod" },
])("readCommandLine() takes table $table where SLUICE_TABLE is $defaultTable", ({ defaultTable, table }) => {
  expect(readCommandLine(["tenants", "check"], defaultTable)).toEqual({
    verdict: "command",
    command: { name: "tenants check", dir: ".", table },
  });
});

test("readCommandLine() says which command was most likely meant, or which there are", () => {
  expect(faultsOf("tenants", "chekc")).toEqual(['Unknown command "tenants chekc": did you mean "tenants check"?']);
  expect(faultsOf("tenats", "rolback", "acme")).toEqual([
    'Unknown command "tenats rolback acme": did you mean "tenants rollback"?',
  ]);
  expect(faultsOf("limts", "acme")).toEqual(['Unknown command "limts acme": did you mean "limits"?']);
  const ofTenants = commandNames.filter((name) => name.startsWith("tenants ")).join(", ");
  expect(faultsOf("tenants")).toEqual([`Unknown command "tenants": known commands are ${ofTenants}`]);
  expect(faultsOf("tenants", "drop")).toEqual([`Unknown command "tenants drop": known commands are ${ofTenants}`]);
  const known = `known commands are ${commandNames.join(", ")}`;
  expect(faultsOf("constructor")).toEqual([`Unknown command "constructor": ${known}`]);
  expect(faultsOf()).toEqual([`A command is missing: ${known}`]);
});

test("readCommandLine() says which option was most likely meant, or which the command has, with all other faults", () => {
  const known = Object.keys(options)
    .map((name) => `--${name}`)
    .join(", ");
  expect(known).toMatch(/^--dir, --table, .*--help$/);
  expect(faultsOf("tenants", "chek", "--tabel=jobs", "-x", "--dir")).toEqual([
    'Unknown command "tenants chek": did you mean "tenants check"?',
    'Unknown option "--tabel": did you mean "--table"?',
    `Unknown option "-x": known options are ${known}`,
    'Option "--dir" must have a value: current value is nothing',
  ]);
  expect(faultsOf("tenants", "check", "--strikt", "--quiet")).toEqual([
    'Unknown option "--strikt": did you mean "--strict"?',
    'Unknown option "--quiet": known options are --dir, --strict',
  ]);
});

test("readCommandLine() takes no option for the value of another", () => {
  expect(faultsOf("tenants", "check", "--dir", "--help")).toEqual([
    'Option "--dir" must have a value: current value is "--help"',
  ]);
  expect(readCommandLine(["tenants", "check", "--dir=--help"], undefined).verdict).toBe("command");
  expect(faultsOf("tenants", "check", "--help=yes")).toEqual([
    'Option "--help" takes no value: current value is "yes"',
  ]);
});

test("readCommandLine() refuses an option that the command would not heed", () => {
  expect(faultsOf("tenants", "check", "--table", "jobs")).toEqual([
    'Command "tenants check" takes no "--table": its options are --dir, --strict',
  ]);
});

test.each([["--help"], ["-h"], ["tenants", "apply", "--help"]])(
  "readCommandLine() gives help for %s %s %s",
  (...args) => {
    expect(readCommandLine(args, undefined)).toEqual({ verdict: "help" });
  },
);

test("readCommandLine() takes one tenant to remove, and nothing where a command wants nothing", () => {
  expect(faultsOf("tenants", "check", "acme")).toEqual([
    'Command "tenants check" takes nothing behind it: current value is "acme"',
  ]);
  expect(readCommandLine(["tenants", "remove", "acme", "--table", "jobs"], undefined)).toEqual({
    verdict: "command",
    command: { name: "tenants remove", dir: ".", table: "jobs", operand: "acme" },
  });
  expect(faultsOf("tenants", "remove")).toEqual([
    'Command "tenants remove" must have one <tenantId>: current value is nothing',
  ]);
  expect(faultsOf("tenants", "remove", "acme", "globex", "--dir", "x")).toEqual([
    'Command "tenants remove" must have one <tenantId>: current value is "acme globex"',
    'Command "tenants remove" takes no "--dir": its options are --table',
  ]);
});

test("readCommandLine() takes one tenant to pause, or all, and a message", () => {
  expect(readCommandLine(["pause", "acme", "--message", "We move house"], undefined)).toEqual({
    verdict: "command",
    command: { name: "pause", dir: ".", table: "sluice", operand: "acme", message: "We move house" },
  });
  expect(readCommandLine(["pause", "--message=We move house"], undefined)).toEqual({
    verdict: "command",
    command: { name: "pause", dir: ".", table: "sluice", message: "We move house" },
  });
  expect(readCommandLine(["resume"], undefined)).toEqual({
    verdict: "command",
    command: { name: "resume", dir: ".", table: "sluice" },
  });
  expect(faultsOf("pause", "acme", "globex")).toEqual([
    'Command "pause" must have at most one [tenantId]: current value is "acme globex"',
    'Command "pause" must have "--message": current value is nothing',
  ]);
  expect(faultsOf("pause", "--message=")).toEqual(['Option "--message" must have a value: current value is nothing']);
  expect(faultsOf("resume", "--message", "x")).toEqual([
    'Command "resume" takes no "--message": its options are --table',
  ]);
});

test("readCommandLine() takes the flags and the version of a command", () => {
  expect(readCommandLine(["tenants", "plan", "--json", "--delete"], undefined)).toMatchObject({
    command: { name: "tenants plan", flags: ["json", "delete"] },
  });
  expect(readCommandLine(["tenants", "show", "acme", "--version", "12"], undefined)).toMatchObject({
    command: { operand: "acme", version: 12 },
  });
  expect(readCommandLine(["tenants", "rollback", "acme", "--to=12", "--by", "ada"], undefined)).toMatchObject({
    command: { version: 12, by: "ada" },
  });
  expect(faultsOf("tenants", "rollback", "acme", "--to", "last")).toEqual([
    'Option "--to" must be a whole number from 0 to 999999: current value is "last"',
  ]);
  expect(faultsOf("tenants", "rollback", "acme")).toEqual([
    'Command "tenants rollback" must have "--to": current value is nothing',
  ]);
});

test("readCommandLine() takes the limits that are to change, and the answers of a new tenant", () => {
  expect(readCommandLine(["limits", "acme", "--max-active", "5", "--weight=2"], undefined)).toMatchObject({
    command: { limits: { maxActive: 5, weight: 2 } },
  });
  expect(faultsOf("limits", "acme", "--max-active", "many", "--max-waiting", "1.5")).toEqual([
    'Option "--max-active" must be a whole number: current value is "many"',
    'Option "--max-waiting" must be a whole number: current value is "1.5"',
  ]);
  const add = ["tenants", "add", "acme", "--caller", "sender:A", "--caller", "sender:B", "--variable", "bucket=a=b"];
  expect(readCommandLine(add, undefined)).toMatchObject({
    command: { operand: "acme", given: { caller: ["sender:A", "sender:B"], "variable bucket": ["a=b"] } },
  });
  expect(faultsOf("tenants", "add", "--variable", "bucket")).toEqual([
    'Option "--variable" must be a name and a value such as codeBucket=acme-jobs: current value is "bucket"',
  ]);
});

test("The usage text tells every command and option", () => {
  for (const [name, command] of Object.entries(commands)) {
    const does = command.does.replaceAll(/[^\w ]/g, "\\$&");
    expect(usage).toMatch(new RegExp(`^  ${name}( [<[]\\w+[>\\]])*  +${does}$`, "m"));
  }
  for (const [name, { does }] of Object.entries(options)) {
    expect(usage).toContain(`  --${name} `);
    for (const line of does.split("\n")) expect(usage).toContain(line);
  }
});

test.each(["Commands", "Options"])("The usage text tells all %s in two columns", (heading) => {
  const [, lines = ""] = new RegExp(`^${heading}\n((?: .*\n)+)`, "m").exec(usage) ?? [];
  const starts = lines
    .trimEnd()
    .split("\n")
    .map((line) => /^ {2}(?:\S+(?: \S+)*)? {2,}/.exec(line)?.[0].length);
  expect(starts.length).toBeGreaterThan(10);
  expect(new Set(starts).size).toBe(1);
});
