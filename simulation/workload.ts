import type { Submission } from "#domain/submission/submission.ts";
import type { Doors, Work } from "./doors.ts";
import { refusedByEmr } from "./emr.ts";
import type { ServicesOf } from "./lambda.ts";
import type { World } from "./world.ts";
import { setupOf, tenantNames } from "./world-tenants.ts";

/** A job request of a tenant: most are good, some are refused by us, some by EMR Serverless. */
const documentOf = ({ random }: World, tenantId: string, name: string): Readonly<Record<string, unknown>> => {
  const kind = random.next();
  if (kind < 0.04) return { name, jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/nobody/job.py" } } };
  if (kind < 0.06) return { name };
  const common = {
    name: kind < 0.1 ? `${refusedByEmr}-${name}` : name,
    ...(random.chance(0.3) && { application: "shared" }),
    ...(random.chance(0.3) && { priority: random.between(0, 9) }),
  };
  if (random.chance(0.3)) return { ...common, jobTemplate: "nightly", parameters: { rows: random.between(1, 100) } };
  const entryPoint = `s3://jobs/${tenantId}/${name}.py`;
  return {
    ...common,
    jobDriver: { sparkSubmit: { entryPoint } },
    ...(random.chance(0.2) && { retryPolicy: { maxAttempts: 2 } }),
  };
};

/** Work of a world: for one tenant mostly, at once, or from all of them and spread out. */
const sendWork = (world: World, doors: Doors): void => {
  const { random, scheduler, profile, setups } = world;
  const tenants = [...setups.keys()];
  const greedy = random.pick(tenants);
  const burst = random.chance(0.5);
  const count = random.between(5, 40);
  let sent = 0;
  const message = (work: Work, at: number): void => {
    sent += 1;
    const messageId = `m${sent}`;
    scheduler.after(at, () => {
      world.tell("producer", `sends ${messageId} for ${work.tenantId}, request id ${work.requestId ?? "none"}`);
      doors.send(work, messageId);
    });
  };
  const post = (work: Work, at: number): void => {
    sent += 1;
    const key = `p${sent}`;
    scheduler.after(at, () => doors.post(work, key, random.between(1, 5)));
  };
  /** Under its request id, by whichever door; now and then it is another job by mistake. */
  const sendAgain = (work: Work, at: number, index: number): void => {
    const document = random.chance(0.3) ? documentOf(world, work.tenantId, `other-${index}`) : work.document;
    const resend = random.chance(0.5) ? message : post;
    resend({ ...work, document }, at + random.between(0, profile.stormMs * 0.3));
  };
  const sendOne = (index: number): void => {
    const tenantId = burst && random.chance(0.7) ? greedy : random.pick(tenants);
    const requestId = random.chance(0.4) ? `r${index}` : undefined;
    const document = documentOf(world, tenantId, `job-${index}`);
    const work: Work = { tenantId, document, ...(requestId !== undefined && { requestId }) };
    const at = random.between(0, burst ? 3000 : profile.stormMs * 0.7);
    const send = random.chance(0.7) ? message : post;
    send(work, at);
    if (requestId === undefined || !random.chance(0.3)) return;
    sendAgain(work, at, index);
  };
  for (let index = 0; index < count; index += 1) sendOne(index);
};

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

/** What operators do meanwhile: starts are suspended for a while, limits change, tenants are added. */
const operate = (world: World, servicesOf: ServicesOf): void => {
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
  const changeLimits = (): void => {
    const tenantId = random.pick([...setups.keys()]);
    const { limits } = setups.get(tenantId)?.tenant ?? {};
    if (limits === undefined) return;
    const maxActive = random.between(1, 10);
    world.tell("operator", `limits ${tenantId} to ${maxActive} active`);
    setups.set(tenantId, setupOf(tenantId, { ...limits, maxActive, weight: random.between(1, 5) }));
    world.replaceTenants();
  };
  const add = (): void => {
    const tenantId = tenantNames.find((name) => !setups.has(name));
    if (tenantId === undefined) return;
    setups.set(tenantId, setupOf(tenantId, { maxActive: 3, maxWaiting: 10_000, weight: 1 }));
    world.replaceTenants();
  };
  for (let count = profile.operator; count > 0; count -= 1)
    scheduler.after(random.between(0, profile.stormMs * 0.6), random.pick([suspend, changeLimits, add]));
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
  sendWork(world, doors);
  cancelSome(world, doors);
  rerunSome(world, doors);
  operate(world, servicesOf);
  redrive(world, doors);
};
