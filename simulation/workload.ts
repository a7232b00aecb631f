import type { Submission } from "#domain/submission/submission.ts";
import type { Doors } from "./doors.ts";
import type { ServicesOf } from "./lambda.ts";
import { createSender, type Sender, sendWork } from "./work.ts";
import type { World } from "./world.ts";
import { setupOf, tenantNames } from "./world-tenants.ts";

/** What an operator does is repeated until it is done. */
const persist = (
  world: World,
  name: string,
  servicesOf: ServicesOf,
  body: (services: ReturnType<ServicesOf>) => Promise<unknown>,
): void => {
  const again = (): void =>
    world.instances.spawn(
      name,
      29_000,
      async (instance) => await body(servicesOf(instance)),
      (ending) => {
        if (ending.verdict === "returned") return;
        world.scheduler.after(world.random.between(500, 10_000), again);
      },
    );
  again();
};

const someSubmission = (
  { random, ledger }: World,
  wanted: (submission: Submission) => boolean,
): Submission | undefined => {
  const found = ledger.all().filter(wanted);
  return found.length === 0 ? undefined : random.pick(found);
};

const cancelSome = (world: World, doors: Doors): void => {
  const { random, scheduler, profile } = world;
  for (let count = random.between(0, 6); count > 0; count -= 1) {
    scheduler.after(random.between(0, profile.stormMs), () => {
      const target = someSubmission(world, ({ state }) => state === "waiting" || state === "starting");
      if (target === undefined) return;
      const { tenantId, submissionId } = target;
      const cancel = (): void => doors.ask("cancel", { tenantId, path: `/v1/submissions/${submissionId}/cancel` });
      cancel();
      // Two cancel at once, as people do.
      if (random.chance(0.3)) cancel();
    });
  }
};

const rerunSome = (world: World, doors: Doors): void => {
  const { random, scheduler, profile } = world;
  for (let count = random.between(0, 3); count > 0; count -= 1) {
    scheduler.after(random.between(0, profile.stormMs), () => {
      const first = someSubmission(world, ({ input }) => input !== undefined);
      if (first === undefined) return;
      const { tenantId, submissionId } = first;
      const requestId = `again-${random.between(0, 2 ** 31)}`;
      doors.ask("rerun", { tenantId, path: `/v1/submissions/${submissionId}/rerun`, requestId });
    });
  }
};

/** What operators do meanwhile: starts are suspended for a while, tenants are changed, and others are added. */
const operate = (world: World, servicesOf: ServicesOf, sender: Sender): void => {
  const { random, scheduler, profile, setups } = world;
  const suspend = (): void => {
    const who = random.chance(0.2) ? "*" : random.pick([...setups.keys()]);
    persist(world, "operator", servicesOf, async ({ starts }) => await starts.suspend(who, "maintenance"));
    scheduler.after(random.between(5000, 60_000), () =>
      persist(world, "operator", servicesOf, async ({ starts, wake }) => {
        await starts.suspend(who, undefined);
        await wake();
      }),
    );
  };
  let revision = 0;
  const change = (): void => {
    const tenantId = random.pick([...setups.keys()]);
    const { limits } = setups.get(tenantId)?.tenant ?? {};
    if (limits === undefined) return;
    const maxActive = random.between(1, 10);
    revision += 1;
    world.tell("operator", `changes the tags and the policy of ${tenantId}, and limits it to ${maxActive} active`);
    setups.set(tenantId, setupOf(tenantId, { ...limits, maxActive, weight: random.between(1, 5) }, revision));
    world.replaceTenants();
  };
  const add = (): void => {
    const tenantId = tenantNames.find((name) => !setups.has(name));
    if (tenantId === undefined) return;
    world.tell("operator", `adds ${tenantId}`);
    setups.set(tenantId, setupOf(tenantId, { maxActive: 3, maxWaiting: 10_000, weight: 1 }));
    world.replaceTenants();
    sender.burst(tenantId, random.between(2, 10), 3000);
  };
  for (let count = profile.operator; count > 0; count -= 1)
    scheduler.after(random.between(0, profile.stormMs * 0.6), random.pick([suspend, suspend, change, add]));
};

/** The dead-letter queue is emptied each minute. */
const redrive = ({ scheduler, tell }: World, doors: Doors): void => {
  const work = (): void => {
    const count = doors.redrive();
    if (count > 0) tell("operator", `redrives ${count} messages`);
    scheduler.after(60_000, work);
  };
  scheduler.after(120_000, work);
};

export const startWorkload = (world: World, doors: Doors, servicesOf: ServicesOf): void => {
  const sender = createSender(world, doors);
  sendWork(world, sender);
  cancelSome(world, doors);
  rerunSome(world, doors);
  operate(world, servicesOf, sender);
  redrive(world, doors);
};
