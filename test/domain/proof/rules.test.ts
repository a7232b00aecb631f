import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rules } from "#domain/proof/provable.ts";

/** Files that tell of a proof or ask of it, and decide none. */
const deciding = (file: string): boolean => !["breach.ts", "can.ts", "example.ts", "sample.ts"].includes(file);

/** The code of the prover without comments and white space: what is left decides. */
const codeOf = (file: URL): string =>
  readFileSync(file, "utf8")
    .replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "")
    .replace(/\s+/g, "");

/** A line for each file, so that changes of two files go together. */
const sources = (): Record<string, string> => {
  const folder = new URL("../../../src/domain/proof/", import.meta.url);
  const hashOf = (file: string): string =>
    createHash("sha256")
      .update(codeOf(new URL(file, folder)))
      .digest("hex")
      .slice(0, 8);
  return Object.fromEntries(
    readdirSync(folder)
      .filter(deciding)
      .map((file) => [file, hashOf(file)]),
  );
};

// A proof is known by an id that has the number of the prover's rules in it: what the earlier rules proved is proved
// anew where the number grew. So whoever changes the prover decides here whether anything that was proven is not now.
test("The prover is the one whose rules have this number: if it refuses more than before, raise `rules` in provable.ts, then write here what changed", () => {
  expect(rules).toBe(4);
  expect(sources()).toEqual({
    "actions.ts": "eafeddee",
    "caseless.ts": "7115e744",
    "character-set.ts": "b01847c7",
    "condition.ts": "711f3991",
    "escalations.ts": "f601c9f0",
    "evaluate.ts": "e787a701",
    "find-text.ts": "26ada974",
    "grants.ts": "bbfabbc4",
    "inclusion.ts": "9d592fa8",
    "judged-actions.ts": "32b7236d",
    "leak.ts": "9e41e3a7",
    "listing.ts": "69b8ecd6",
    "marked.ts": "3d3a0f25",
    "meet.ts": "85ef8223",
    "meeting.ts": "df99a12b",
    "own-values.ts": "6cf2d24f",
    "parts-of-services.ts": "88a59879",
    "pattern.ts": "b2a48b18",
    "provable.ts": "e6ab0eb9",
    "prove-apart.ts": "0922b227",
    "prove-templates.ts": "0c16f847",
    "prove-tenants.ts": "abfa3eaa",
    "prove.ts": "ce31ed5a",
    "services.ts": "9b11dd07",
    "shared-reasons.ts": "d88052da",
    "statement.ts": "a163485a",
    "subject.ts": "12b8dad8",
    "tenant-subject.ts": "6bfe825e",
    "territories.ts": "f8bfd264",
    "texts-meet.ts": "ee02bcce",
  });
});
