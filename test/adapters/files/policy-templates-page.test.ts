import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readTemplates } from "#adapters/files/tenant-files.ts";
import { templateSizeLine } from "#cli/budget-text.ts";
import { statementsOf } from "#domain/proof/statement.ts";
import type { PolicyTemplate } from "#domain/tenant/policy-template.ts";

/** docs/policy-templates.md by its sections: what a person reads must be what the files say. */
const page = readFileSync(new URL("../../../docs/policy-templates.md", import.meta.url), "utf8");
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf("\n")), text] as const),
);

const { policies } = await readTemplates(".");

const code = (texts: readonly string[] = []): string => texts.map((text) => `\`${text}\``).join(", ");

const variableRows = ({ variables }: PolicyTemplate): string[] =>
  Object.entries(variables).map(([name, { type, pattern = "", default: value, unique = false }]) => {
    const end = unique ? "no other tenant's" : value === undefined ? "" : code([value]);
    return `| \`${name}\` | ${type} | ${code([pattern])} | ${end} |`;
  });

/** What a statement lets a job do, on what, and under which condition. */
const statementRows = ({ document }: PolicyTemplate): string[] =>
  (statementsOf(document) ?? []).map(({ label, effect, action, resource, condition = {} }) => {
    expect(effect).toBe("Allow");
    const when = Object.entries(condition).flatMap(([operator, block]) =>
      Object.entries(block).map(([key, values]) => `${operator} \`${key}\` ${code([values].flat().map(String))}`),
    );
    return `| ${label} | ${code(action)} | ${code(resource)} | ${when.join(" and ")} |`;
  });

const listLines = ({ territory, shared }: PolicyTemplate): string[] => [
  ...territory.map((arn) => `- \`${arn}\``),
  ...shared.map(({ actions, resources }) => `- ${code(actions)} on ${code(resources)}`),
];

const beginningWith = (text: string, ...signs: readonly string[]): string[] =>
  text.split("\n").filter((line) => signs.some((sign) => line.startsWith(sign)));

describe.each(policies)("docs/policy-templates.md on $name", (template) => {
  const section = sections.get(template.name) ?? "";
  const rows = beginningWith(section, "| ").filter((line) => !/^\| (variable|statement) \|/.test(line));

  test("has its variables and its statements, and no others", () => {
    expect(rows).toEqual([...variableRows(template), ...statementRows(template)]);
  });

  test("has its territory, and then what is shared, and no more", () => {
    expect(beginningWith(section, "- ")).toEqual(listLines(template));
  });

  test("begins with its description, and says how large it becomes", () => {
    expect(section.split("\n").slice(2, 3)).toEqual([template.description]);
    expect(section).toContain(`\nSize: ${templateSizeLine(template).replace(/^[^:]*: /, "")}.\n`);
  });

  test("says what it does not hold", () => {
    expect(section).toMatch(/^It does not hold: \S/m);
  });
});

test("docs/policy-templates.md has a section for each shipped template, and for nothing else", () => {
  expect([...sections.keys()].sort()).toEqual(policies.map(({ name }) => name).sort());
});
