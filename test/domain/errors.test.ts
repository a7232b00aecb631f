import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type ErrorCode, errorTable, isPassing, ServiceError } from "#domain/errors.ts";
import { problemOf } from "#domain/problem.ts";

const codes = Object.keys(errorTable) as ErrorCode[];

const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split("\n", 1)[0] ?? "", section]),
);

describe("docs/errors.md", () => {
  test("has a section for every code and no other, in the order of the table", () => {
    expect([...sections.keys()]).toStrictEqual(codes);
  });

  test.each(codes)("says of %s what the table says, who sees it, what to do, and a message", (code) => {
    const section = sections.get(code) ?? "";
    const { title, kind, status } = errorTable[code];
    expect(section).toContain(`\n${title}. Kind \`${kind}\`, HTTP ${status}.\n`);
    for (const part of ["What it means", "Who sees it", "What to do"]) {
      expect(section).toMatch(new RegExp(`^\\*\\*${part}\\.\\*\\* \\S.*\\.$`, "m"));
    }
    expect(section).toMatch(/^\*\*Example\.\*\* `Cannot [^`]*[^.`]`$/m);
  });

  test("is where the type of a problem document leads to", () => {
    for (const code of codes) {
      const [file, anchor] = problemOf({ code, message: "Cannot", faults: [] }).type.split("#");
      expect(file).toBe("docs/errors.md");
      expect([...sections.keys()].map((heading) => heading.toLowerCase())).toContain(anchor);
    }
  });
});

describe("errorTable", () => {
  test.each(codes)("%s begins with ERR_, and its status fits its kind", (code) => {
    const { kind, status, title } = errorTable[code];
    expect(code).toMatch(/^ERR_[A-Z]+(_[A-Z]+)*$/);
    expect(title).toMatch(/^[A-Z][^.]*$/);
    const passing = {
      busy: [429],
      down: [503],
      invalid: [400, 404, 405, 413, 415, 422],
      denied: [401, 403],
      conflict: [409, 422],
    };
    expect(passing[kind]).toContain(status);
  });
});

describe("isPassing()", () => {
  test.each(codes)("isPassing() is true of %s only if its kind is busy or down", (code) => {
    expect(isPassing(new ServiceError(code, "Cannot"))).toBe(["busy", "down"].includes(errorTable[code].kind));
  });

  test.each([new TypeError("oops"), "text", undefined])("isPassing() is true of %s: a bug is tried again", (error) => {
    expect(isPassing(error)).toBe(true);
  });
});

describe("ServiceError", () => {
  test("takes its kind from the table and keeps its cause", () => {
    const cause = new Error("socket");
    const error = new ServiceError("ERR_EMR_BUSY", "Cannot start", { retryAfterSeconds: 2, cause });
    expect(error).toMatchObject({ name: "ServiceError", kind: "busy", faults: [], retryAfterSeconds: 2, cause });
    expect(new ServiceError("ERR_EMR_BUSY", "Cannot start")).not.toHaveProperty("cause");
  });
});
