import fc from "fast-check";
import { expect, test } from "vitest";
import { meetsIn, type Place } from "#domain/proof/territories.ts";
import { textsMeet } from "#domain/proof/texts-meet.ts";

const all = { meets: 1000, comparisons: 1_000_000 };

const territory = (tenant: number, text: string): Place => ({ tenant, kind: "territory", text });
const shared = (text: string, tenant?: number): Place => ({
  kind: "shared",
  text,
  ...(tenant !== undefined && { tenant }),
});

test("Two tenants' territories that share a text meet, and one tenant's own do not", () => {
  const places = [territory(0, "a/*"), territory(0, "a/b/*"), territory(1, "a/b/c"), territory(2, "b/*")];
  expect(meetsIn(places, all).meets.map(({ one, other }) => [one.text, other.text])).toEqual([
    ["a/*", "a/b/c"],
    ["a/b/*", "a/b/c"],
  ]);
});

test("What is shared meets another tenant's territory, and not another's shared", () => {
  const places = [shared("a/*"), shared("a/b/*", 1), territory(1, "a/b/c")];
  expect(meetsIn(places, all).meets.map(({ one, other }) => [one.text, other.text])).toEqual([["a/*", "a/b/c"]]);
});

test("Every place that meets one is named, also where enough pairs were told", () => {
  const places = Array.from({ length: 50 }, (_, at) => territory(at, at < 40 ? `p${at >> 1}/*` : `q${at}/*`));
  const { meets, places: met, complete } = meetsIn(places, { ...all, meets: 3 });
  expect(meets).toHaveLength(3);
  expect([...met].map(({ tenant }) => tenant).toSorted((one = 0, other = 0) => one - other)).toEqual(
    Array.from({ length: 40 }, (_, at) => at),
  );
  expect(complete).toBe(true);
});

test("Where not every pair was compared, it says so", () => {
  const places = Array.from({ length: 10 }, (_, at) => territory(at, "*"));
  expect(meetsIn(places, { ...all, comparisons: 20 }).complete).toBe(false);
});

test("It finds the same as comparing every pair", () => {
  const text = fc
    .array(fc.constantFrom("a", "b", "/", "*", "?", "{{submission.id}}"), { maxLength: 6 })
    .map((parts) => parts.join(""));
  const place = fc.oneof(
    fc.tuple(fc.nat(3), text).map(([tenant, written]) => territory(tenant, written)),
    fc.tuple(fc.option(fc.nat(3), { nil: undefined }), text).map(([tenant, written]) => shared(written, tenant)),
  );
  fc.assert(
    fc.property(fc.array(place, { maxLength: 12 }), fc.nat(5), (places, meets) => {
      const pairs = places.flatMap((one, at) => places.slice(at + 1).map((other) => [one, other] as const));
      const meeting = pairs.filter(
        ([one, other]) =>
          (one.kind === "territory" || other.kind === "territory") &&
          (one.tenant === undefined || one.tenant !== other.tenant) &&
          textsMeet(one.text.replaceAll("{{submission.id}}", "*"), other.text.replaceAll("{{submission.id}}", "*")),
      );
      const found = meetsIn(places, { ...all, meets });
      expect(found.places).toEqual(new Set(meeting.flat()));
      expect(found.meets).toHaveLength(Math.min(meets, meeting.length));
    }),
  );
});
