import { expect, test } from "vitest";
import { commands, readCommandLine, usage } from "#cli/command-line.ts";

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

test("readCommandLine() names the known commands beside an unknown one", () => {
  const known =
    "known commands are tenants check, tenants apply, tenants remove, pause, resume, redrive, schemas write";
  expect(faultsOf("tenants", "chek")).toEqual([`Unknown command "tenants chek": ${known}`]);
  expect(faultsOf("tenants")).toEqual([`Unknown command "tenants": ${known}`]);
  expect(faultsOf("tenants", "check", "acme")).toEqual([`Unknown command "tenants check acme": ${known}`]);
  expect(faultsOf("constructor")).toEqual([`Unknown command "constructor": ${known}`]);
  expect(faultsOf()).toEqual([`A command is missing: ${known}`]);
});

test("readCommandLine() names the known options beside an unknown one, with all other faults", () => {
  expect(faultsOf("tenants", "chek", "--tabel=jobs", "-x", "--dir")).toEqual([
    'Unknown command "tenants chek": known commands are tenants check, tenants apply, tenants remove, pause, resume, redrive, schemas write',
    'Unknown option "--tabel": known options are --dir, --table, --message, --from, --to, --rate, --kind, --max, --dry-run, --help',
    'Unknown option "-x": known options are --dir, --table, --message, --from, --to, --rate, --kind, --max, --dry-run, --help',
    'Option "--dir" must have a value: current value is nothing',
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
    'Command "tenants check" takes no "--table": its options are --dir',
  ]);
});

test.each([["--help"], ["-h"], ["tenants", "apply", "--help"]])(
  "readCommandLine() gives help for %s %s %s",
  (...args) => {
    expect(readCommandLine(args, undefined)).toEqual({ verdict: "help" });
  },
);

test("readCommandLine() takes one tenant to remove, and nothing where a command wants nothing", () => {
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

test("The usage text tells every command and option", () => {
  for (const [name, { options, does }] of Object.entries(commands)) {
    expect(usage).toMatch(new RegExp(`^  ${name}( [<[]\\w+[>\\]])?    ${does.replaceAll(/[^\w ]/g, "\\$&")}$`, "m"));
    for (const option of options) expect(usage).toContain(`--${option} `);
  }
});
