import type { Entry, Line } from "#domain/turns/line.ts";
import type { Starts } from "#domain/turns/starts.ts";
import type { Item, ItemChange, LedgerItems } from "./ledger-items.ts";
import { byActiveIndex, byWaitingIndex } from "./ledger-table.ts";
import {
  clearChange,
  correctionChange,
  emptyLineChange,
  enterChange,
  freeSuspectsChange,
  giveBackChange,
  type LineChange,
  leaveChange,
  leaveLineChange,
  lineKey,
  lineOf,
  linePk,
  marks,
  queueBehindChange,
  queueUpChange,
  restoreChange,
  suspectsText,
  tenantOfLine,
  turnChange,
  unmarkActive,
  unmarkWaiting,
  waitingIn,
} from "./line-item.ts";

type Lines = Pick<
  Starts,
  | "enter"
  | "queueUp"
  | "queueBehind"
  | "takeTurn"
  | "giveBack"
  | "leave"
  | "restoreSlot"
  | "leaveLine"
  | "line"
  | "correctWaiting"
  | "suspect"
  | "freeSuspects"
  | "waitingTenants"
  | "activeTenants"
> & {
  /** Suspends a tenant's starts with a message; without one they go on. */
  suspendTenant(tenantId: string, message: string | undefined): Promise<void>;
};

/** An answer that holds for a line as it is, or once a change was made whose condition says what the line must be. */
interface Step<T> {
  readonly answer: T;
  readonly change?: LineChange;
}

/** How often a line is read before it is said to change too fast. Each try fails only where others came first. */
const tries = 4;

/** Active tenants that are handed out at once. */
const activePage = 100;

const enterStep = (slots: readonly string[], maxActive: number, line: Line): Step<Entry> => {
  if (line.suspended !== undefined) return { answer: { entered: [], waitingFor: "tenant-suspended" } };
  if (line.waiting > 0) return { answer: nobodyEntered };
  const held = slots.filter((slot) => line.active.includes(slot));
  const fresh = slots.filter((slot) => !held.includes(slot)).slice(0, Math.max(0, maxActive - line.active.length));
  const entered = slots.filter((slot) => held.includes(slot) || fresh.includes(slot));
  const answer: Entry = { entered, waitingFor: "tenant-slots" };
  const { suspects } = line;
  if (fresh.length > 0) return { answer, change: enterChange(fresh, held, { maxActive, suspects }) };
  return isSuspect(line, held) ? { answer, change: clearChange(held) } : { answer };
};

const isSuspect = ({ suspects }: Line, held: readonly string[]): boolean =>
  held.some((slot) => suspects?.slots.includes(slot));

type Turn = Awaited<ReturnType<Starts["takeTurn"]>>;

const turnStep = (slot: string, maxActive: number, line: Line): Step<Turn> => {
  if (line.suspended !== undefined) return { answer: "suspended" };
  if (line.active.includes(slot))
    return isSuspect(line, [slot]) ? { answer: "taken", change: clearChange([slot]) } : { answer: "taken" };
  if (line.active.length >= maxActive) return { answer: "full" };
  return { answer: "taken", change: turnChange(slot, maxActive, line.waiting > 0) };
};

/** What a line is most often when somebody wants a slot of it. */
const atRest: Line = { active: [], waiting: 0 };
const inUse: Line = { active: [], waiting: 1 };

const nobodyEntered: Entry = { entered: [], waitingFor: "tenant-slots" };

/** Slots and lines in DynamoDB, one item a tenant. */
export const dynamodbLines = (items: LedgerItems): Lines => {
  const changeOf = (tenantId: string, task: string, change: LineChange): ItemChange => ({
    ...change,
    key: lineKey(tenantId),
    task: `${task} of tenant "${tenantId}"`,
  });

  /** Says whether the change's condition holds. The line does not come back: a thousand active ids are 40 KB. */
  const write = async (tenantId: string, task: string, change: LineChange): Promise<boolean> =>
    await items.write(changeOf(tenantId, task, change));

  const read = async (tenantId: string): Promise<Line> =>
    lineOf(await items.get(lineKey(tenantId), `read the line of tenant "${tenantId}"`));

  /** Goes by a guess first, and by what the line really is where the guess was wrong. */
  const settle = async <T>(
    tenantId: string,
    guess: Line,
    stepFor: (line: Line) => Step<T>,
    make: (change: LineChange) => Promise<boolean>,
  ): Promise<T | undefined> => {
    let line = guess;
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const { answer, change } = stepFor(line);
      if (change === undefined) return answer;
      if (await make(change)) return answer;
      line = await read(tenantId);
    }
    return undefined;
  };

  /**
   * An index attribute cannot go with the update that empties what it stands for, so it goes after it. A crash in
   * between leaves a tenant in the index of whom nobody waits, or with no slot taken: whoever reads the line sees it,
   * and the next that takes a turn or frees a slot puts it right.
   */
  const unmarkIfEmpty = async (tenantId: string, changed: Item): Promise<void> => {
    const task = "record the empty line";
    if (changed["waitingAs"] !== undefined && waitingIn(changed) === 0) await write(tenantId, task, unmarkWaiting);
    if (changed["activeAs"] !== undefined && changed["active"] === undefined) await write(tenantId, task, unmarkActive);
  };

  const updateAndUnmark = async (tenantId: string, task: string, change: LineChange): Promise<boolean> => {
    const changed = await items.update(changeOf(tenantId, task, change));
    if (changed !== undefined) await unmarkIfEmpty(tenantId, changed);
    return changed !== undefined;
  };

  const setText = async (tenantId: string, name: string, text: string | undefined): Promise<void> => {
    const change: LineChange =
      text === undefined
        ? { update: `REMOVE ${name}`, when: "attribute_exists(pk)" }
        : { update: `SET ${name} = :text`, values: { ":text": { S: text } } };
    await write(tenantId, `write "${name}" to the line`, change);
  };

  return {
    async enter(tenantId, slots, maxActive) {
      const step = (line: Line) => enterStep(slots, maxActive, line);
      const make = async (change: LineChange) => await write(tenantId, "take slots", change);
      return (await settle(tenantId, atRest, step, make)) ?? nobodyEntered;
    },
    async takeTurn(tenantId, slot, maxActive) {
      const step = (line: Line) => turnStep(slot, maxActive, line);
      const make = async (change: LineChange) => await updateAndUnmark(tenantId, "take a turn", change);
      return (await settle(tenantId, inUse, step, make)) ?? "full";
    },
    async queueUp(tenantId, count, maxWaiting) {
      if (count > maxWaiting) return false;
      return await write(tenantId, "queue up in the line", queueUpChange(count, maxWaiting));
    },
    async queueBehind(tenantId, count, maxWaiting) {
      const change = queueBehindChange(count, maxWaiting);
      if (count < maxWaiting && (await write(tenantId, "queue up in the line", change))) return "queued";
      const { waiting, suspended } = await read(tenantId);
      return waiting > Math.max(0, maxWaiting - count) && suspended === undefined ? "full" : "unsure";
    },
    async giveBack(tenantId, slot) {
      return await updateAndUnmark(tenantId, "give back a turn", giveBackChange(slot));
    },
    async leave(tenantId, slots) {
      if (slots.length > 0) await updateAndUnmark(tenantId, "free slots", leaveChange(slots));
    },
    async restoreSlot(tenantId, slot) {
      return await write(tenantId, "restore a slot", restoreChange(slot));
    },
    async leaveLine(tenantId, count) {
      for (let attempt = 0; attempt < tries; attempt += 1) {
        if (await updateAndUnmark(tenantId, "leave the line", leaveLineChange(count))) return;
        if (await write(tenantId, "leave the line", emptyLineChange(count))) return;
        if ((await read(tenantId)).waiting === 0) return;
      }
    },
    line: read,
    async correctWaiting(tenantId, from, to) {
      return await write(tenantId, "correct the line", correctionChange(from, to));
    },
    async suspect(tenantId, slots, since) {
      await setText(tenantId, "suspects", slots.length === 0 ? undefined : suspectsText({ slots, since }));
    },
    async freeSuspects(tenantId, slots, suspects) {
      return await updateAndUnmark(tenantId, "free suspect slots", freeSuspectsChange(slots, suspects));
    },
    suspendTenant: async (tenantId, message) => await setText(tenantId, "suspended", message),
    async waitingTenants() {
      const tenantIds: string[] = [];
      const task = "find the tenants of whom somebody waits";
      const values = { ":mark": { S: marks.waiting } };
      for await (const page of items.pages({ task, index: byWaitingIndex, where: "waitingAs = :mark", values }))
        tenantIds.push(...page.map(tenantOfLine));
      return tenantIds;
    },
    async activeTenants(after = "") {
      const pages = items.pages({
        task: "find the tenants with active submissions",
        index: byActiveIndex,
        where: "activeAs = :mark AND pk > :after",
        values: { ":mark": { S: marks.active }, ":after": { S: linePk(after) } },
        limit: activePage,
      });
      const first = await pages.next();
      return first.done === true ? [] : first.value.map(tenantOfLine);
    },
  };
};
