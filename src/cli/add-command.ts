import { fileFaultLine } from "#adapters/files/file-fault.ts";
import { type TenantDocument, tenantFileText, writeNewTenantFile } from "#adapters/files/new-tenant-file.ts";
import { readTemplates, readWithTenant } from "#adapters/files/tenant-files.ts";
import { type Folder, type Question, questionsFor } from "./add-questions.ts";
import type { Asker } from "./ask.ts";
import type { Command } from "./command-line.ts";
import type { GivenAnswers } from "./given-answers.ts";
import { type ExitCode, many, type Terminal } from "./terminal.ts";

/** Answers by what they answer, as in GivenAnswers; an empty list is a thing that the file leaves out. */
type Answers = Map<string, readonly string[]>;

const keyOf = ({ option, variable }: Question): string => (variable === undefined ? option : `${option} ${variable}`);

const optionOf = (question: Question): string =>
  question.option === "tenantId" ? "<tenantId>" : `--${keyOf(question)}`;

const split = (text: string, { many: several }: Question): string[] =>
  several === undefined
    ? [text]
    : text
        .split(",")
        .map((one) => one.trim())
        .filter((one) => one !== "");

/** What is wrong with one of the answers. */
const faultOf = (answers: readonly string[], { fault }: Question): string | undefined => {
  for (const answer of answers) {
    const found = fault(answer);
    if (found !== undefined) return `${found}: current value is "${answer}"`;
  }
  return undefined;
};

/** Asks until the answer is sound. */
const ask = async (question: Question, asker: Asker): Promise<readonly string[]> => {
  const { text, otherwise } = question;
  for (;;) {
    const shown = otherwise === undefined || otherwise === "" ? text : `${text} [${otherwise}]`;
    const answers = split((await asker.ask(`${shown}: `)) || (otherwise ?? ""), question);
    const fault = faultOf(answers, question);
    if (fault === undefined) return answers;
    asker.tell(`  ${fault}`);
  }
};

/** The answer to one question: what the command line says, what a person says, or what holds otherwise. */
const answerTo = async (
  question: Question,
  given: GivenAnswers,
  asker: Asker | undefined,
  faults: string[],
): Promise<readonly string[]> => {
  const known = given[keyOf(question)];
  const fault = known === undefined ? undefined : faultOf(known, question);
  if (known !== undefined && fault === undefined) return known;
  if (asker !== undefined) {
    if (fault !== undefined) asker.tell(`  ${optionOf(question)} ${fault}`);
    return await ask(question, asker);
  }
  if (fault !== undefined) faults.push(`${optionOf(question)} ${fault}`);
  else if (question.otherwise === undefined) faults.push(`${optionOf(question)} must be given: ${question.text}`);
  return split(question.otherwise ?? "", question);
};

const answerAll = async (folder: Folder, given: GivenAnswers, asker: Asker | undefined) => {
  const answers: Answers = new Map();
  const faults: string[] = [];
  const first = (key: string): string | undefined => answers.get(key)?.[0];
  const open = () =>
    questionsFor(folder, first("template"), first("tenantId") ?? "").find((one) => !answers.has(keyOf(one)));
  for (let question = open(); question !== undefined; question = open()) {
    answers.set(keyOf(question), await answerTo(question, given, asker, faults));
  }
  // Without a policy template nobody knows its variables.
  const isKnown = folder.policies.some(({ name }) => name === first("template"));
  for (const key of isKnown ? Object.keys(given) : []) {
    const [, name] = key.split("variable ");
    if (name !== undefined && !answers.has(key))
      faults.push(`--variable ${name} is no variable of the policy template`);
  }
  return { answers, faults };
};

/** The file's document: what holds anyway is left out of it. */
const documentOf = (answers: Answers, folder: Folder): TenantDocument => {
  const listOf = (key: string): readonly string[] => answers.get(key) ?? [];
  const [template = ""] = listOf("template");
  const declared = folder.policies.find(({ name }) => name === template)?.variables ?? {};
  const variables = Object.entries(declared).flatMap(([name, { default: otherwise }]) => {
    const [value = ""] = listOf(`variable ${name}`);
    return value === otherwise ? [] : [[name, value]];
  });
  const [jobTemplates, entryPoints, callers] = ["job-template", "entry-point", "caller"].map(listOf);
  return {
    tenantId: listOf("tenantId")[0] ?? "",
    applications: { main: listOf("application")[0] },
    executionRoleArn: listOf("role")[0],
    policy: { template, ...(variables.length > 0 && { variables: Object.fromEntries(variables) }) },
    ...(jobTemplates?.length && { jobTemplates }),
    ...(entryPoints?.length && { adHoc: true, entryPoints }),
    ...(callers?.length && { callers }),
  };
};

/** Writes the file where the tenant is sound beside the others. */
const writeChecked = async (document: TenantDocument, dir: string, { out, err }: Terminal): Promise<ExitCode> => {
  const { tenantId } = document;
  const path = `tenants/${tenantId}.yaml`;
  const text = tenantFileText(document);
  const read = await readWithTenant(dir, tenantId, text);
  const faults = read.verdict === "read" ? [] : read.faults;
  const own = faults.filter(({ file }) => file === path);
  for (const fault of own) err(fileFaultLine(fault));
  if (own.length > 0) {
    err(`Cannot write ${path}: ${many(own.length, "fault")}`);
    return 1;
  }
  if ((await writeNewTenantFile(dir, tenantId, text)) === "exists") {
    err(`Cannot write ${path}: it is there already`);
    return 1;
  }
  out(`${path}: written`);
  if (faults.length > 0) out(`Other files have ${many(faults.length, "fault")}: "sluice tenants check" tells them`);
  if (document["callers"] === undefined) {
    out("Nobody can send for it yet: list callers, queues, eventSources, accounts, triggers or schedules in it");
  }
  out('Next: look it over, then "sluice tenants plan" and "sluice tenants apply"');
  return 0;
};

/** Asks for what a tenant needs, or takes it from the options, and writes its file. */
export const addTenant = async (command: Command, terminal: Terminal): Promise<ExitCode> => {
  const { dir, operand, given = {} } = command;
  const folder = await readTemplates(dir);
  if (folder.policies.length === 0) {
    terminal.err("Cannot add a tenant: policies/ has no policy template that can be read");
    return 1;
  }
  const asker = terminal.asker?.();
  try {
    const known = { ...given, ...(operand !== undefined && { tenantId: [operand] }) };
    const { answers, faults } = await answerAll(folder, known, asker);
    for (const fault of faults) terminal.err(fault);
    if (faults.length > 0) {
      terminal.err(`Cannot add a tenant: ${many(faults.length, "fault")}`);
      return 1;
    }
    return await writeChecked(documentOf(answers, folder), dir, terminal);
  } finally {
    asker?.end();
  }
};
