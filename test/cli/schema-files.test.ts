import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { schemaFiles } from "#cli/schema-files.ts";

const root = new URL("../../", import.meta.url);

const textOf = async (path: string): Promise<string> => await readFile(new URL(path, root), "utf8");

test("schemas/ is what `npm run schemas` writes", async () => {
  const files = schemaFiles();
  expect((await readdir(new URL("schemas/", root))).sort()).toEqual(files.map(({ name }) => name).sort());
  for (const { name, text } of files) {
    expect(await textOf(`schemas/${name}`), `schemas/${name}: run npm run schemas`).toBe(text);
  }
});

const isOfEvent = (name: string): boolean => name.endsWith(".v1.json");

test("schemaFiles() gives each schema an id, a title and a description", () => {
  for (const { name, text } of schemaFiles()) {
    const schema = JSON.parse(text);
    expect(schema.additionalProperties, name).toBe(isOfEvent(name) ? undefined : false);
    expect(schema).toMatchObject({
      $schema: "http://json-schema.org/draft-07/schema#",
      $id: `urn:sluice:schema:${name.replace(".json", "")}`,
      title: expect.stringMatching(/^Sluice /),
      description: expect.stringMatching(/\.$/),
      type: "object",
    });
    expect(text).not.toContain(String(Number.MIN_SAFE_INTEGER));
  }
});

test("schemaFiles() asks for what an author writes, not for what has a default", () => {
  const tenant = schemaFiles().find(({ name }) => name === "tenant.json");
  expect(JSON.parse(tenant?.text ?? "")).toMatchObject({
    required: ["tenantId", "applications", "executionRoleArn", "policy"],
  });
});

test("schemaFiles() holds patterns that every reader of regular expressions knows", () => {
  for (const { text } of schemaFiles()) expect(text).not.toMatch(/\\\\p\{/);
});

const examples = [
  { folder: "tenants", schema: "tenant" },
  { folder: "policies", schema: "policy-template" },
  { folder: "templates", schema: "job-template" },
];

test.each(examples)(
  "The examples in $folder/ are valid by schemas/$schema.json and name it for editors",
  async ({ folder, schema }) => {
    const validator = z.fromJSONSchema(JSON.parse(await textOf(`schemas/${schema}.json`)));
    const names = (await readdir(new URL(`${folder}/`, root))).filter((name) => name.endsWith(".yaml"));
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) {
      const text = await textOf(`${folder}/${name}`);
      expect(text.split("\n")[0]).toBe(`# yaml-language-server: $schema=../schemas/${schema}.json`);
      const document: unknown = parse(text);
      expect(validator.safeParse(document).error, `${folder}/${name}`).toBeUndefined();
      expect(validator.safeParse({ ...Object(document), colour: "red" }).success, "an unknown field").toBe(false);
    }
  },
);
