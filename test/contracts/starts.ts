import { describe, expect, test } from "vitest";
import type { Starts } from "#domain/turns/starts.ts";
import { sampleClock } from "#test/helpers/services.ts";

export interface StartsWorld {
  readonly starts: Starts;
  /** The same slots and tokens, as another instance of a function sees them. */
  another(): Starts;
}

type Clock = ReturnType<typeof sampleClock>;

const idsOf = (count: number, prefix = "req.") => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const times = async <T>(count: number, call: (index: number) => Promise<T>): Promise<T[]> =>
  await Promise.all(Array.from({ length: count }, (_, index) => call(index)));

/** What every keeper of slots, tokens and turns promises. Each test opens a world of its own. */
export const startsContract = (name: string, open: (now: () => string) => Promise<StartsWorld>): void => {
  const world = async (): Promise<StartsWorld & { readonly clock: Clock }> => {
    const clock = sampleClock();
    return { ...(await open(clock.now)), clock };
  };

  describe(`${name}: enter()`, () => {
    test("gives as many as fit their slots, in order, and again to those that have one", async () => {
      const { starts, another } = await world();
      const entry = await starts.enter("acme", ["a", "b", "c"], 2);
      expect(entry).toEqual({ entered: ["a", "b"], waitingFor: "tenant-slots" });
      expect((await another().enter("acme", ["b", "c", "a"], 2)).entered).toEqual(["b", "a"]);
      expect((await starts.enter("acme", ["c", "a", "d"], 3)).entered).toEqual(["c", "a"]);
      expect((await starts.line("acme")).active.toSorted()).toEqual(["a", "b", "c"]);
    });

    test("lets exactly five of twenty at once in", async () => {
      const { starts, another } = await world();
      const entries = await times(20, (index) => (index % 2 ? starts : another()).enter("acme", [`req.${index}`], 5));
      const entered = entries.flatMap((entry) => entry.entered);
      expect(entered).toHaveLength(5);
      expect((await starts.line("acme")).active.toSorted()).toEqual(entered.toSorted());
    });

    test("never lets batches at once in beyond the limit, and tells each who has a slot", async () => {
      const { starts } = await world();
      const entries = await times(6, (index) => starts.enter("acme", idsOf(4, `batch${index}.`), 10));
      const entered = entries.flatMap((entry) => entry.entered);
      expect(entered.length).toBeGreaterThanOrEqual(8);
      expect(entered.length).toBeLessThanOrEqual(10);
      expect((await starts.line("acme")).active.toSorted()).toEqual(entered.toSorted());
    });

    test("keeps everybody out while somebody of the tenant waits", async () => {
      const { starts } = await world();
      await starts.queueUp("acme", 1, 10);
      expect(await starts.enter("acme", ["a"], 5)).toEqual({ entered: [], waitingFor: "tenant-slots" });
      expect((await starts.enter("beta", ["a"], 5)).entered).toEqual(["a"]);
      await starts.leaveLine("acme", 1);
      expect((await starts.enter("acme", ["a"], 5)).entered).toEqual(["a"]);
    });
  });

  describe(`${name}: suspend()`, () => {
    test("keeps a tenant's submissions out with the operator's message, until it is resumed", async () => {
      const { starts, another } = await world();
      await another().suspend("acme", "Moving house");
      expect(await starts.enter("acme", ["a"], 5)).toEqual({ entered: [], waitingFor: "tenant-suspended" });
      expect(await starts.takeTurn("acme", "a", 5)).toBe("suspended");
      expect(await starts.line("acme")).toEqual({ active: [], waiting: 0, suspended: "Moving house" });
      expect((await starts.enter("beta", ["a"], 5)).entered).toEqual(["a"]);
      await another().suspend("acme", undefined);
      expect(await starts.line("acme")).toEqual({ active: [], waiting: 0 });
      expect((await starts.enter("acme", ["a"], 5)).entered).toEqual(["a"]);
    });

    test("keeps StartJobRun's tokens from everybody where all starts are suspended", async () => {
      const { starts, another } = await world();
      await starts.takeTokens("StartJobRun", 1, "door");
      await another().suspend("*", "Closed");
      for (const by of ["door", "dispatcher"] as const) {
        expect(await starts.takeTokens("StartJobRun", 1, by)).toMatchObject({ taken: 0, suspended: "Closed" });
      }
      expect(await starts.takeTokens("GetJobRun", 1, "door")).toMatchObject({ taken: 1 });
      await another().suspend("*", undefined);
      expect(await starts.takeTokens("StartJobRun", 1, "door")).not.toHaveProperty("suspended");
      expect(await starts.takeTokens("StartJobRun", 1, "dispatcher")).toMatchObject({ taken: 1 });
    });

    test("resumes what was never suspended", async () => {
      const { starts } = await world();
      await starts.suspend("acme", undefined);
      await starts.suspend("*", undefined);
      expect(await starts.line("acme")).toEqual({ active: [], waiting: 0 });
    });
  });

  describe(`${name}: queueUp() and leaveLine()`, () => {
    test("counts who waits, and no more than may wait", async () => {
      const { starts } = await world();
      expect(await starts.queueUp("acme", 3, 4)).toBe(true);
      expect(await starts.queueUp("acme", 2, 4)).toBe(false);
      expect(await starts.queueUp("acme", 1, 4)).toBe(true);
      expect((await starts.line("acme")).waiting).toBe(4);
      expect(await starts.queueUp("beta", 1, 0)).toBe(false);
    });

    test("lets exactly seven of twenty at once wait where so many may", async () => {
      const { starts, another } = await world();
      const all = await times(20, () => another().queueUp("acme", 1, 7));
      expect(all.filter(Boolean)).toHaveLength(7);
      expect((await starts.line("acme")).waiting).toBe(7);
    });

    test("never counts below none", async () => {
      const { starts } = await world();
      await starts.leaveLine("acme", 1);
      expect((await starts.line("acme")).waiting).toBe(0);
      await starts.queueUp("acme", 3, 10);
      await starts.leaveLine("acme", 2);
      expect((await starts.line("acme")).waiting).toBe(1);
      await starts.leaveLine("acme", 5);
      expect((await starts.line("acme")).waiting).toBe(0);
    });
  });

  describe(`${name}: queueBehind()`, () => {
    test("counts who waits behind others, and no more than may wait", async () => {
      const { starts, another } = await world();
      await starts.queueUp("acme", 1, 4);
      expect(await another().queueBehind("acme", 2, 4)).toBe("queued");
      expect(await starts.queueBehind("acme", 2, 4)).toBe("full");
      expect(await starts.queueBehind("acme", 9, 4)).toBe("full");
      expect(await starts.queueBehind("acme", 1, 4)).toBe("queued");
      expect((await starts.line("acme")).waiting).toBe(4);
      expect(await starts.waitingTenants()).toEqual(["acme"]);
    });

    test("counts nobody where nobody waits, or starts are suspended", async () => {
      const { starts } = await world();
      expect(await starts.queueBehind("acme", 1, 4)).toBe("unsure");
      expect(await starts.queueBehind("acme", 9, 4)).toBe("unsure");
      await starts.enter("acme", ["a"], 1);
      expect(await starts.queueBehind("acme", 1, 4)).toBe("unsure");
      await starts.queueUp("acme", 1, 4);
      await starts.takeTurn("acme", "b", 2);
      expect(await starts.queueBehind("acme", 1, 4)).toBe("unsure");
      await starts.queueUp("acme", 1, 4);
      await starts.suspend("acme", "Closed");
      expect(await starts.queueBehind("acme", 1, 4)).toBe("unsure");
      expect((await starts.line("acme")).waiting).toBe(1);
    });

    test("lets exactly six more of twenty at once wait where seven may", async () => {
      const { starts, another } = await world();
      await starts.queueUp("acme", 1, 7);
      const all = await times(20, () => another().queueBehind("acme", 1, 7));
      expect(all.filter((verdict) => verdict === "queued")).toHaveLength(6);
      expect((await starts.line("acme")).waiting).toBe(7);
    });
  });

  describe(`${name}: takeTurn()`, () => {
    test("makes a waiting one active, once, however often it is called", async () => {
      const { starts, another } = await world();
      await starts.queueUp("acme", 3, 10);
      const turns = await times(20, (index) => (index % 2 ? starts : another()).takeTurn("acme", "a", 5));
      expect(new Set(turns)).toEqual(new Set(["taken"]));
      expect(await starts.line("acme")).toEqual({ active: ["a"], waiting: 2 });
    });

    test("takes the last turn and one that was not counted", async () => {
      const { starts } = await world();
      await starts.queueUp("acme", 1, 10);
      expect(await starts.takeTurn("acme", "a", 5)).toBe("taken");
      expect(await starts.takeTurn("acme", "b", 5)).toBe("taken");
      const { active, waiting } = await starts.line("acme");
      expect([active.toSorted(), waiting]).toEqual([["a", "b"], 0]);
    });

    test("gives exactly as many turns at once as there are slots", async () => {
      const { starts } = await world();
      await starts.queueUp("acme", 20, 100);
      await starts.takeTurn("acme", "first", 5);
      const turns = await times(20, (index) => starts.takeTurn("acme", `req.${index}`, 5));
      expect(turns.filter((turn) => turn === "taken")).toHaveLength(4);
      expect(turns.filter((turn) => turn === "full")).toHaveLength(16);
      expect(await starts.takeTurn("acme", "first", 5)).toBe("taken");
      expect((await starts.line("acme")).waiting).toBe(15);
    });
  });

  describe(`${name}: giveBack(), leave() and restoreSlot()`, () => {
    test("gives a turn back exactly once", async () => {
      const { starts, another } = await world();
      await starts.enter("acme", ["a", "b"], 5);
      await times(10, () => another().giveBack("acme", "a"));
      expect(await starts.line("acme")).toEqual({ active: ["b"], waiting: 1 });
      await starts.giveBack("acme", "stranger");
      expect(await starts.line("acme")).toEqual({ active: ["b"], waiting: 1 });
    });

    test("frees slots, however often", async () => {
      const { starts } = await world();
      await starts.leave("acme", ["a"]);
      await starts.enter("acme", ["a", "b", "c"], 3);
      await times(5, () => starts.leave("acme", ["a", "b", "stranger"]));
      expect(await starts.line("acme")).toEqual({ active: ["c"], waiting: 0 });
      await starts.leave("acme", []);
      await starts.leave("acme", ["c"]);
      expect(await starts.line("acme")).toEqual({ active: [], waiting: 0 });
      expect((await starts.enter("acme", ["d", "e", "f"], 3)).entered).toEqual(["d", "e", "f"]);
    });

    test("restores a slot that was lost, above the limit as well, and says whether it was", async () => {
      const { starts } = await world();
      await starts.enter("acme", ["a"], 1);
      await times(3, () => starts.restoreSlot("acme", "a"));
      expect(await starts.restoreSlot("acme", "a")).toBe(false);
      const restored = await times(5, () => starts.restoreSlot("acme", "lost"));
      expect(restored.filter(Boolean)).toHaveLength(1);
      expect((await starts.line("acme")).active.toSorted()).toEqual(["a", "lost"]);
      expect(await starts.restoreSlot("globex", "b")).toBe(true);
      expect(await starts.activeTenants(undefined)).toEqual(["acme", "globex"]);
      expect(await starts.enter("acme", ["c"], 2)).toMatchObject({ entered: [] });
    });
  });

  describe(`${name}: correctWaiting() and suspect()`, () => {
    test("puts the count right only where it is still what was read", async () => {
      const { starts } = await world();
      await starts.queueUp("acme", 3, 10);
      expect(await starts.correctWaiting("acme", 2, 0)).toBe(false);
      expect(await starts.correctWaiting("acme", 3, 1)).toBe(true);
      expect((await starts.line("acme")).waiting).toBe(1);
      expect(await starts.correctWaiting("acme", 1, 0)).toBe(true);
      expect(await starts.waitingTenants()).toEqual([]);
      expect(await starts.correctWaiting("beta", 0, 2)).toBe(true);
      expect(await starts.waitingTenants()).toEqual(["beta"]);
    });

    test.each(["enter", "takeTurn"] as const)(
      "%s() of a slot that is suspect clears it, and it is not freed",
      async (way) => {
        const { starts, clock } = await world();
        await starts.enter("acme", ["a", "b"], 5);
        const suspects = { slots: ["a", "b"], since: clock.now() };
        await starts.suspect("acme", suspects.slots, suspects.since);
        if (way === "enter") expect((await starts.enter("acme", ["a", "c"], 5)).entered).toEqual(["a", "c"]);
        else expect(await starts.takeTurn("acme", "a", 5)).toBe("taken");
        expect(await starts.freeSuspects("acme", ["a", "b"], suspects)).toBe(false);
        expect((await starts.line("acme")).active).toEqual(expect.arrayContaining(["a", "b"]));
      },
    );

    test("enter() of other slots leaves the suspects suspect; they are freed as they were read, once", async () => {
      const { starts, clock } = await world();
      await starts.enter("acme", ["a", "b"], 5);
      const suspects = { slots: ["a", "b"], since: clock.now() };
      await starts.suspect("acme", suspects.slots, suspects.since);
      expect((await starts.enter("acme", ["c"], 5)).entered).toEqual(["c"]);
      expect(await starts.freeSuspects("acme", ["a"], { ...suspects, since: "2026-11-22T11:00:00.000Z" })).toBe(false);
      expect(await starts.freeSuspects("acme", ["a"], suspects)).toBe(true);
      expect(await starts.freeSuspects("acme", ["b"], suspects)).toBe(false);
      expect((await starts.line("acme")).active.toSorted()).toEqual(["b", "c"]);
      expect(await starts.line("acme")).not.toHaveProperty("suspects");
    });

    test("keeps the suspects, and forgets them", async () => {
      const { starts, another, clock } = await world();
      const since = clock.now();
      await starts.suspect("acme", ["a", "b"], since);
      expect((await another().line("acme")).suspects).toEqual({ slots: ["a", "b"], since });
      await starts.suspect("acme", [], since);
      expect(await starts.line("acme")).toEqual({ active: [], waiting: 0 });
      await starts.suspect("beta", [], since);
    });
  });

  describe(`${name}: waitingTenants() and activeTenants()`, () => {
    test("tell the tenants of whom somebody waits, as long as somebody does", async () => {
      const { starts } = await world();
      for (const tenantId of ["acme", "beta", "gamma", "delta"]) await starts.queueUp(tenantId, 2, 10);
      await starts.enter("omega", ["a"], 5);
      await starts.leaveLine("acme", 2);
      await starts.leaveLine("beta", 9);
      await starts.takeTurn("gamma", "a", 5);
      expect((await starts.waitingTenants()).toSorted()).toEqual(["delta", "gamma"]);
      await starts.takeTurn("gamma", "b", 5);
      expect(await starts.waitingTenants()).toEqual(["delta"]);
      await starts.giveBack("gamma", "b");
      expect((await starts.waitingTenants()).toSorted()).toEqual(["delta", "gamma"]);
    });

    test("tell the tenants with active submissions, in order", async () => {
      const { starts } = await world();
      for (const tenantId of ["gamma", "acme", "beta"]) await starts.enter(tenantId, ["a", "b"], 5);
      await starts.queueUp("delta", 1, 10);
      await starts.takeTurn("delta", "a", 5);
      expect(await starts.activeTenants(undefined)).toEqual(["acme", "beta", "delta", "gamma"]);
      expect(await starts.activeTenants("beta")).toEqual(["delta", "gamma"]);
      await starts.leave("acme", ["a", "b"]);
      await starts.leave("beta", ["a"]);
      await starts.giveBack("delta", "a");
      expect(await starts.activeTenants(undefined)).toEqual(["beta", "gamma"]);
      expect(await starts.activeTenants("gamma")).toEqual([]);
    });
  });

  describe(`${name}: takeTokens()`, () => {
    test("lets a burst through but for what it spares, then one a second, and tells when", async () => {
      const { starts, clock } = await world();
      expect(await starts.takeTokens("StartJobRun", 10, "door")).toEqual({ taken: 10, nextAt: clock.now() });
      expect(await starts.takeTokens("StartJobRun", 20, "door")).toEqual({ taken: 14, nextAt: clock.later(1000) });
      expect(await starts.takeTokens("StartJobRun", 1, "door")).toEqual({ taken: 0, nextAt: clock.later(1000) });
      clock.pass(2500);
      expect(await starts.takeTokens("StartJobRun", 9, "dispatcher")).toEqual({ taken: 2, nextAt: clock.later(500) });
      clock.pass(3_600_000);
      expect((await starts.takeTokens("StartJobRun", 99, "door")).taken).toBe(24);
      expect((await starts.takeTokens("GetJobRun", 99, "door")).taken).toBe(40);
      expect((await starts.takeTokens("CancelJobRun", 99, "door")).taken).toBe(24);
    });

    test("tells who asks for none what there is", async () => {
      const { starts, clock } = await world();
      await starts.takeTokens("StartJobRun", 25, "door");
      expect(await starts.takeTokens("StartJobRun", 0, "door")).toEqual({ taken: 0, nextAt: clock.later(1000) });
      await starts.suspend("*", "Closed");
      expect(await starts.takeTokens("StartJobRun", 0, "door")).toMatchObject({ taken: 0, suspended: "Closed" });
    });

    test("never lets a hundred at once take more than the burst, then than the rate gives", async () => {
      const { starts, another, clock } = await world();
      const others = await times(4, async () => another());
      const takeAll = async () => {
        const all = await times(100, (index) => (others[index % 5] ?? starts).takeTokens("StartJobRun", 1, "door"));
        return all.reduce((sum, { taken }) => sum + taken, 0);
      };
      expect(await takeAll()).toBe(24);
      clock.pass(7300);
      expect(await takeAll()).toBe(7);
      expect(await takeAll()).toBe(0);
    });

    test("never lets batches at once take more than there are", async () => {
      const { starts, another, clock } = await world();
      let through = 0;
      for (let second = 0; second < 5; second += 1) {
        const all = await times(12, (index) => (index % 2 ? starts : another()).takeTokens("StartJobRun", 4, "door"));
        through += all.reduce((sum, { taken }) => sum + taken, 0);
        expect(through).toBeLessThanOrEqual(24 + second);
        clock.pass(1000);
      }
      expect(through).toBeGreaterThanOrEqual(24);
    });

    test("leaves the doors without while the dispatcher holds the bucket, and without notice after it", async () => {
      const { starts, another, clock } = await world();
      await another().holdTokens(clock.later(5000));
      await starts.holdTokens(clock.later(1000));
      expect(await starts.takeTokens("StartJobRun", 1, "door")).toEqual({ taken: 0, nextAt: clock.now() });
      expect((await starts.takeTokens("StartJobRun", 1, "dispatcher")).taken).toBe(1);
      expect((await starts.takeTokens("GetJobRun", 1, "door")).taken).toBe(1);
      clock.pass(4999);
      expect((await starts.takeTokens("StartJobRun", 1, "door")).taken).toBe(0);
      clock.pass(1);
      expect((await starts.takeTokens("StartJobRun", 1, "door")).taken).toBe(1);
    });

    test("gives nobody a token of a bucket that AWS emptied, until an interval has passed", async () => {
      const { starts, another, clock } = await world();
      await starts.takeTokens("StartJobRun", 1, "door");
      await another().emptyBucket("StartJobRun");
      expect(await starts.takeTokens("StartJobRun", 5, "door")).toEqual({ taken: 0, nextAt: clock.later(1000) });
      clock.pass(1000);
      expect((await starts.takeTokens("StartJobRun", 5, "door")).taken).toBe(1);
      await starts.emptyBucket("StartJobRun");
      await starts.emptyBucket("StartJobRun");
      expect(await starts.takeTokens("StartJobRun", 5, "dispatcher")).toEqual({ taken: 0, nextAt: clock.later(1000) });
    });
  });

  describe(`${name}: lead() and keepTurns()`, () => {
    const turns = { clock: 1.5, used: { acme: 2.5, beta: 1.75 } };

    test("has one leader, who finds the order of turns that the last one left", async () => {
      const { starts, another, clock } = await world();
      const first = { clock: 0, used: {} };
      expect(await starts.lead("one", clock.later(1000))).toEqual(first);
      expect(await another().lead("two", clock.later(1000))).toBeUndefined();
      expect(await starts.lead("one", clock.later(2000))).toEqual(first);
      expect(await starts.keepTurns("one", turns, clock.later(3000))).toBe(true);
      clock.pass(2999);
      expect(await another().lead("two", clock.later(1000))).toBeUndefined();
      clock.pass(1);
      expect(await another().lead("two", clock.later(1000))).toEqual(turns);
    });

    test("says that the lead is lost, and keeps what the new leader kept", async () => {
      const { starts, another, clock } = await world();
      await starts.lead("one", clock.later(1000));
      clock.pass(1000);
      await another().lead("two", clock.later(1000));
      await another().keepTurns("two", turns, clock.later(1000));
      expect(await starts.keepTurns("one", { clock: 9, used: {} }, clock.later(1000))).toBe(false);
      expect(await another().lead("two", clock.later(1000))).toEqual(turns);
    });

    test("is given up at once", async () => {
      const { starts, another, clock } = await world();
      await starts.lead("one", clock.later(1000));
      await starts.keepTurns("one", turns, clock.now());
      expect(await another().lead("two", clock.later(1000))).toEqual(turns);
    });

    test("goes to exactly one of twenty at once", async () => {
      const { starts, clock } = await world();
      const all = await times(20, (index) => starts.lead(`dispatcher-${index}`, clock.later(1000)));
      expect(all.filter((found) => found !== undefined)).toHaveLength(1);
    });

    test("nobody leads who was never given the lead", async () => {
      const { starts, clock } = await world();
      expect(await starts.keepTurns("one", turns, clock.later(1000))).toBe(false);
    });
  });
};
