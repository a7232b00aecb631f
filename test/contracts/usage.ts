import { describe, expect, test } from "vitest";
import type { PublishedEvent } from "#domain/events/published-event.ts";
import { validSums } from "#domain/usage/account.ts";
import { sumsOfEntries } from "#domain/usage/sum.ts";
import type { Usage } from "#domain/usage/usage.ts";
import { sampleEntry } from "#test/helpers/usage.ts";

const hour = "2026-11-22T12";
const month = "2026-11";
const sums = sumsOfEntries([sampleEntry()]);

const sampleEvent = (data: unknown): PublishedEvent => ({
  detailType: "Budget Warning",
  time: "2026-11-22T12:00:00.000Z",
  resources: [],
  detail: {
    specversion: "1.0",
    id: "acme/2026-11/warning/800.000000/USD",
    source: "sluice",
    type: "sluice.budget.warning.v1",
    subject: "acme/2026-11/1000.000000/USD",
    time: "2026-11-22T12:00:00.000Z",
    datacontenttype: "application/json",
    data,
  },
});

/** What every store of usage promises. */
export const usageContract = (name: string, open: () => Promise<Usage>): void => {
  const only = async (usage: Usage, period: string) => (await usage.hours("acme", period, period))[0]!;

  describe(`${name}: entries`, () => {
    test("are of their tenant and their hour", async () => {
      const usage = await open();
      const others = [
        sampleEntry({ tenantId: "acme-2" }),
        sampleEntry({ submissionId: "req.2", completedAt: "2026-11-22T13:00:00.000Z" }),
        sampleEntry({ submissionId: "req.3", completedAt: "2026-11-22T11:59:59.999Z" }),
      ];
      const entry = sampleEntry({ completedAt: "2026-11-22T12:59:59.999Z" });
      for (const one of [...others, entry]) await usage.putEntry(one);
      expect(await usage.entries("acme", hour, hour)).toEqual([entry]);
      expect(await usage.entries("acme", "2026-11-22T10", "2026-11-22T10")).toEqual([]);
      expect(await usage.entries("acme", "2026-11-22T11", "2026-11-22T12")).toHaveLength(2);
      expect(await usage.entries("acme", "2026-11-22T00", "2026-11-22T23")).toHaveLength(3);
    });

    test("of one submission are one", async () => {
      const usage = await open();
      await usage.putEntry(sampleEntry());
      await usage.putEntry(sampleEntry());
      expect(await usage.entries("acme", hour, hour)).toEqual([sampleEntry()]);
    });

    test("that are not final give way to one that is, and never come back", async () => {
      const usage = await open();
      const { cost: _cost, ...early } = sampleEntry({ final: false });
      await usage.putEntry(early);
      await usage.putEntry(sampleEntry());
      await usage.putEntry(early);
      expect(await usage.entries("acme", hour, hour)).toEqual([sampleEntry()]);
    });

    test("that are final stay as they are, whatever prices there are by now", async () => {
      const usage = await open();
      await usage.putEntry(sampleEntry());
      await usage.putEntry(sampleEntry({ cost: { amount: "9.000000", currency: "USD" } }));
      expect(await usage.entries("acme", hour, hour)).toEqual([sampleEntry()]);
    });

    test("are all there, however many", async () => {
      const usage = await open();
      // More than 1 MB, which is what one answer of DynamoDB holds.
      const long = "t".repeat(2000);
      const entries = Array.from({ length: 600 }, (_, at) =>
        sampleEntry({ submissionId: `req.${at}`, jobTemplate: long }),
      );
      await Promise.all(entries.map(async (entry) => await usage.putEntry(entry)));
      const ids = (await usage.entries("acme", hour, hour)).map(({ submissionId }) => submissionId);
      expect(new Set(ids).size).toBe(600);
      expect(ids).toHaveLength(600);
    });
  });

  describe(`${name}: accounts`, () => {
    test("begin with the first touch, and are of their tenant and their kind", async () => {
      const usage = await open();
      expect(await usage.hours("acme", hour, hour)).toEqual([]);
      for (const period of ["2026-11-30T23", "2026-10-31T23", "2026-12", "2026-12-01T00", month]) {
        await usage.touch("acme", period, "2026-12-01T00:00:00.000Z");
      }
      await usage.touch("acme-2", "2026-11-30T23", "2026-12-01T00:00:00.000Z");
      const found = await usage.hours("acme", "2026-11-01T00", "2026-12-31T23");
      expect(found.map(({ period }) => period)).toEqual(["2026-11-30T23", "2026-12-01T00"]);
      expect(found[0]).toEqual({
        tenantId: "acme",
        period: "2026-11-30T23",
        version: 1,
        dueAt: "2026-12-01T00:00:00.000Z",
      });
    });

    test("hold sums until the next touch", async () => {
      const usage = await open();
      await usage.touch("acme", hour, "2026-11-22T13");
      await usage.keepSums(await only(usage, hour), sums);
      const summed = await only(usage, hour);
      expect(validSums(summed)).toEqual(sums);
      expect(summed).not.toHaveProperty("dueAt");
      await usage.touch("acme", hour, "2026-11-22T14");
      const touched = await only(usage, hour);
      expect(validSums(touched)).toBeUndefined();
      expect(touched).toMatchObject({ sums, dueAt: "2026-11-22T14" });
    });

    test("keep sums that were overtaken by a touch, as such, and stay due", async () => {
      const usage = await open();
      await usage.touch("acme", hour, "2026-11-22T13");
      const read = await only(usage, hour);
      await usage.touch("acme", hour, "2026-11-22T14");
      await usage.keepSums(read, sums);
      const overtaken = await only(usage, hour);
      expect(overtaken).toMatchObject({ sums, dueAt: "2026-11-22T13" });
      expect(validSums(overtaken)).toBeUndefined();
    });

    test("never go back to older sums", async () => {
      const usage = await open();
      await usage.touch("acme", hour, "2026-11-22T13");
      const first = await only(usage, hour);
      await usage.touch("acme", hour, "2026-11-22T13");
      const second = await only(usage, hour);
      await usage.touch("acme", hour, "2026-11-22T13");
      await usage.keepSums(second, sums);
      await usage.keepSums(first, []);
      expect(await only(usage, hour)).toMatchObject({ sums, summedAt: second.version });
      await usage.keepSums(await only(usage, hour), sums);
      await usage.keepSums(first, []);
      expect(validSums(await only(usage, hour))).toEqual(sums);
    });

    test("of a month are read by themselves", async () => {
      const usage = await open();
      expect(await usage.month("acme", "2026-10")).toBeUndefined();
      await usage.touch("acme", month, "2026-11-22T13");
      expect(await usage.month("acme", month)).toMatchObject({ period: month, version: 1 });
    });
  });

  describe(`${name}: what is due`, () => {
    test("is handed out oldest first, only so many, and only when its time has come", async () => {
      const usage = await open();
      await usage.touch("acme", "2026-11-22T10", "2026-11-22T11:00");
      await usage.touch("globex", month, "2026-11-22T10:30");
      await usage.touch("initech", "2026-11-22T12", "2026-11-22T13:00");
      const named = async (now: string, limit: number) =>
        (await usage.due(now, limit)).map(({ tenantId, period }) => `${tenantId} ${period}`);
      expect(await named("2026-11-22T12:00", 10)).toEqual([`globex ${month}`, "acme 2026-11-22T10"]);
      expect(await named("2026-11-22T12:00", 1)).toEqual([`globex ${month}`]);
      expect(await named("2026-11-22T13:00", 10)).toHaveLength(2);
      expect(await named("2026-11-22T13:01", 10)).toHaveLength(3);
    });

    test("stays due by the time that was said first", async () => {
      const usage = await open();
      await usage.touch("acme", hour, "2026-11-22T13:00");
      await usage.touch("acme", hour, "2026-11-22T14:00");
      expect(await usage.due("2026-11-22T13:30", 10)).toHaveLength(1);
    });

    test("is put off by one of those who saw it", async () => {
      const usage = await open();
      await usage.touch("acme", hour, "2026-11-22T13:00");
      const [seen] = await usage.due("2026-11-22T14:00", 10);
      expect(await usage.postpone(seen!, "2026-11-22T14:01")).toBe(true);
      expect(await usage.postpone(seen!, "2026-11-22T14:01")).toBe(false);
      expect(await usage.due("2026-11-22T14:00", 10)).toEqual([]);
      await usage.keepSums(seen!, sums);
      expect(await usage.due("2026-11-22T15:00", 10)).toEqual([]);
      expect(await usage.postpone(seen!, "2026-11-22T15:01")).toBe(false);
    });
  });

  describe(`${name}: kept events`, () => {
    test("stay as they were first, and are published once", async () => {
      const usage = await open();
      const first = sampleEvent({ spent: "801.000000" });
      expect(await usage.keepEvent("acme", first)).toEqual({ event: first });
      expect(await usage.keepEvent("acme", sampleEvent({ spent: "802.000000" }))).toEqual({ event: first });
      await usage.recordEventPublished("acme", first.detail.id, "2026-11-22T12:00:01.000Z");
      await usage.recordEventPublished("acme", first.detail.id, "2026-11-22T12:00:02.000Z");
      expect(await usage.keepEvent("acme", first)).toEqual({ event: first, publishedAt: "2026-11-22T12:00:01.000Z" });
    });
  });
};
