import { defaultPriority, turnKeyOf } from "#domain/turns/fair-turns.ts";
import type { Entry } from "#domain/turns/line.ts";
import { holderOf } from "#domain/turns/slot.ts";
import type { World } from "../world.ts";
import { isCalm, noticeMs } from "./calm.ts";
import type { LiveInvariant } from "./invariant.ts";

/**
 * The order of one tenant's own: the dispatcher takes the higher priority first, then the older one, among those that it
 * could see; and no door lets anybody in past one that waits.
 */
export const createOrder = (world: World): LiveInvariant => {
  const { watch, ledger, scheduler, breach } = world;
  const ownWaiters = (tenantId: string) => [...watch.waiters.values()].filter((one) => one.tenantId === tenantId);
  const isNew = (tenantId: string, slot: string): boolean =>
    watch.lines.get(tenantId)?.active.get(slot) === scheduler.now();

  const checkTurn = (tenantId: string, slot: string): void => {
    const { submissionId } = holderOf(slot);
    const stored = ledger.all().find((one) => one.submissionId === submissionId);
    if (stored === undefined || !isNew(tenantId, slot)) return;
    const turnKey = turnKeyOf(stored.priority ?? defaultPriority, stored.acceptedAt, submissionId);
    const seenSince = scheduler.now() - noticeMs(world);
    const passed = ownWaiters(tenantId).find((one) => one.turnKey < turnKey && one.since < seenSince);
    if (passed !== undefined)
      breach("order", `"${submissionId}" of tenant "${tenantId}" got the turn of "${passed.submissionId}"`);
  };
  const checkDoor = (tenantId: string, { entered }: Entry): void => {
    const slot = entered.find((one) => isNew(tenantId, one));
    const [waits] = ownWaiters(tenantId);
    if (slot !== undefined && waits !== undefined)
      breach("order", `a door let "${slot}" of tenant "${tenantId}" in past "${waits.submissionId}"`);
  };
  return {
    after({ port, method, given, result }) {
      if (port !== "starts" || !isCalm(world)) return;
      const [tenantId, slot] = given.map(String);
      if (method === "takeTurn" && result === "taken") checkTurn(tenantId ?? "", slot ?? "");
      if (method === "enter") checkDoor(tenantId ?? "", result as Entry);
    },
  };
};
