import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** Files by their path in the folder; `undefined` leaves one out. */
export type Files = Readonly<Record<string, string | Uint8Array | undefined>>;

const lines = (...text: readonly string[]): string => `${text.join("\n")}\n`;

/** A sound setup: one tenant, its policy template and its job template. */
export const soundFiles: Files = {
  "tenants/acme.yaml": lines(
    "tenantId: acme",
    "applications: { shared: 00f1 }",
    "executionRoleArn: arn:aws:iam::111122223333:role/acme",
    "policy:",
    "  template: s3-prefix",
    "  variables:",
    "    bucket: lake",
    "jobTemplates: [report]",
  ),
  "policies/s3-prefix.yaml": lines(
    "name: s3-prefix",
    "variables:",
    "  bucket: { type: bucket }",
    "document:",
    '  Version: "2012-10-17"',
    "  Statement:",
    "    Effect: Allow",
    "    Action: s3:GetObject",
    '    Resource: "arn:aws:s3:::{{variables.bucket}}/{{tenant.id}}/*"',
    'territory: ["arn:aws:s3:::{{variables.bucket}}/{{tenant.id}}/*"]',
  ),
  "templates/report.yaml": lines(
    "name: report",
    "parameters:",
    "  date: { type: date }",
    "jobDriver:",
    "  sparkSubmit:",
    "    entryPoint: s3://jobs/report.py",
    '    entryPointArguments: ["{{parameters.date}}"]',
  ),
};

/** A new folder with the sound files and the test's own, gone when the test is over. */
export const setupDirectory = async (own: Files = {}): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), "sluice-files-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const [path, text] of Object.entries({ ...soundFiles, ...own })) {
    if (text === undefined) continue;
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  return directory;
};

/** The sound tenant with lines of its own at the end: the first of them is line 9. */
export const acmeWith = (...own: readonly string[]): Files => ({
  "tenants/acme.yaml": `${String(soundFiles["tenants/acme.yaml"])}${lines(...own)}`,
});

/** A sound file with one text of it replaced. */
export const changed = (path: string, from: string, to: string): Files => {
  const text = String(soundFiles[path]);
  if (!text.includes(from)) throw new Error(`Cannot change ${path}: it has no ${from}`);
  return { [path]: text.replace(from, to) };
};
