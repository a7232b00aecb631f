import { expect, test } from "vitest";
import { fileFaultLine } from "#adapters/files/file-fault.ts";
import { readTenantFiles } from "#adapters/files/tenant-files.ts";
import { acmeWith, changed, type Files, setupDirectory } from "./setup-directory.ts";

const faults = async (own: Files): Promise<string[]> => {
  const result = await readTenantFiles(await setupDirectory(own));
  return result.verdict === "read" ? [] : result.faults.map(fileFaultLine);
};

const acme = (text: string | Uint8Array): Files => ({ "tenants/acme.yaml": text });

test("A key that is there twice is told at its second line, together with the other faults", async () => {
  expect(await faults(acmeWith("adHoc: true", "adHoc: false", "colour: red"))).toEqual([
    "tenants/acme.yaml:10:1 the document must have each key once: adHoc is there already",
    "tenants/acme.yaml:11:1 /colour is not a known field: remove it or check its spelling",
  ]);
});

test("A fault of syntax is told where it is", async () => {
  expect(await faults(acme("tenantId: acme\npolicy:\n\ttemplate: a\n"))).toEqual([
    "tenants/acme.yaml:3:1 the document must be YAML 1.2: Tabs are not allowed as indentation",
  ]);
  expect(await faults(acme("tenantId: acme\npolicy: template: a\n"))).toEqual([
    "tenants/acme.yaml:2:9 the document must be YAML 1.2: Nested mappings are not allowed in compact mappings",
  ]);
});

test("A file holds one document", async () => {
  const [first] = await faults(acme("tenantId: acme\n---\ntenantId: globex\n"));
  expect(first).toMatch(/^tenants\/acme\.yaml:2:1 the document must be YAML 1\.2: Source contains multiple documents/);
});

test("An empty file is a fault", async () => {
  expect(await faults(acme("# nothing yet\n"))).toEqual([
    expect.stringMatching(/^tenants\/acme\.yaml:\d:1 the document must be of type object: current value is null$/),
  ]);
});

test("Words such as no, on and 0777 are what YAML 1.2 says, and no file can ask for YAML 1.1", async () => {
  const text = String(acmeWith("description: no")["tenants/acme.yaml"]);
  expect(await faults(acme(text))).toEqual([]);
  expect(await faults(acme(`%YAML 1.1\n---\n${text}`))).toEqual([
    "tenants/acme.yaml:1:1 the document must be YAML 1.2: current version is 1.1",
  ]);
});

test.each(["!!js/function 'x'", "!env HOME", "!!binary aGk=", "!!set { x }", "!!timestamp 2026-01-31"])(
  "The tag of %s is refused",
  async (value) => {
    const [first, ...rest] = await faults(acmeWith(`description: ${value}`));
    expect(first).toMatch(/^tenants\/acme\.yaml:9:\d+ the document must have no tags: current tag is "[^ ]+"$/);
    expect(rest).toEqual([]);
  },
);

test("Aliases may repeat a value, and faults are told where the alias is used", async () => {
  const own = ["schedules: []", "tags: &tags { team: a }", "spark:", "  default: *tags"];
  expect(await faults(acmeWith(...own))).toEqual([]);
  expect(await faults(acmeWith("tags: &tags { team: a, size: 7 }", "spark:", "  default: *tags"))).toEqual([
    "tenants/acme.yaml:9:30 /tags/size must be of type string: current value is 7: put it into quotes",
    "tenants/acme.yaml:11:12 /spark/default/size must be of type string: current value is 7: put it into quotes",
  ]);
});

test("An alias of nothing is told where it is", async () => {
  expect(await faults(acmeWith("tags: *common"))).toEqual([
    'tenants/acme.yaml:9:7 the document must have aliases of earlier anchors only: current value is "*common"',
  ]);
});

test("Aliases that multiply to a huge document are refused before they are expanded", async () => {
  const levels = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
  for (let at = 1; at <= 8; at += 1) {
    const [one, before] = [String.fromCharCode(97 + at), String.fromCharCode(96 + at)];
    levels.push(`${one}: &${one} [${Array.from({ length: 9 }, () => `*${before}`).join(", ")}]`);
  }
  const started = performance.now();
  expect(await faults(acmeWith(...levels))).toEqual([
    expect.stringMatching(
      /^tenants\/acme\.yaml:10:8 the document must have at most 10000 values when its aliases are expanded: current number is \d{9}$/,
    ),
  ]);
  expect(performance.now() - started).toBeLessThan(2000);
});

test("An alias that contains itself is refused", async () => {
  expect(await faults(acmeWith("callers: &callers [*callers]"))).toEqual([
    "tenants/acme.yaml:9:20 the document must have at most 10000 values when its aliases are expanded: an alias contains itself",
  ]);
});

test("More than 100 aliases are refused", async () => {
  const many = Array.from({ length: 101 }, () => "*one").join(", ");
  expect(await faults(acmeWith("description: &one a", `callers: [${many}]`))).toEqual([
    expect.stringMatching(
      /^tenants\/acme\.yaml:10:\d+ the document must have at most 100 aliases: current number is 101$/,
    ),
  ]);
});

test("__proto__ is refused as a key, at any depth, and changes nothing", async () => {
  expect(await faults(acmeWith("__proto__: { adHoc: true }", "tags:", "  __proto__: { team: a }"))).toEqual([
    'tenants/acme.yaml:9:1 the document must have keys other than "__proto__"',
    'tenants/acme.yaml:11:3 the document must have keys other than "__proto__"',
  ]);
  expect(Reflect.get({}, "adHoc")).toBeUndefined();
});

test("Keys that are no text are refused", async () => {
  expect(await faults(acmeWith("tags:", "  ? { a: 1 }", "  : b"))).toEqual([
    "tenants/acme.yaml:10:3 the document must have keys that are text",
  ]);
});

test("Fields of every object are no fields of a file", async () => {
  expect(await faults(acmeWith("constructor: a", "toString: b"))).toEqual([
    "tenants/acme.yaml:9:1 /constructor is not a known field: remove it or check its spelling",
    "tenants/acme.yaml:10:1 /toString is not a known field: remove it or check its spelling",
  ]);
  expect(
    await faults(changed("tenants/acme.yaml", "jobTemplates: [report]", "defaultApplication: constructor")),
  ).toEqual([expect.stringContaining("/defaultApplication must be one of the tenant's applications (shared)")]);
});

test("A document that is nested too deeply is one fault", async () => {
  expect(await faults(acme("[".repeat(20_000)))).toEqual([
    "tenants/acme.yaml:1:1 the document must be YAML that is not nested this deeply",
  ]);
});

test("A file is text in UTF-8 of at most 256 KiB", async () => {
  expect(await faults(acme(new Uint8Array([0x61, 0xff, 0xfe])))).toEqual([
    "tenants/acme.yaml:1:1 the document must be text in UTF-8",
  ]);
  expect(await faults(acmeWith(`# ${"x".repeat(300_000)}`))).toEqual([
    expect.stringMatching(
      /^tenants\/acme\.yaml:1:1 the document must be at most 262144 bytes: current size is 300\d{3} bytes$/,
    ),
  ]);
});
