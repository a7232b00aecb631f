import type { Doors, Work } from "./doors.ts";
import { refusedByEmr } from "./emr.ts";
import type { World } from "./world.ts";

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

/** Sends job requests: each under an identity of its own, by whichever door, and some of them again. */
export interface Sender {
  /** A job request of a tenant now. */
  send(tenantId: string): void;
  /** So many of a tenant, within so many milliseconds. */
  burst(tenantId: string, count: number, withinMs: number): void;
}

export const createSender = (world: World, doors: Doors): Sender => {
  const { random, scheduler, profile } = world;
  let sent = 0;
  let jobs = 0;
  const message = (work: Work): void => {
    sent += 1;
    const messageId = `m${sent}`;
    world.tell("producer", `sends ${messageId} for ${work.tenantId}, request id ${work.requestId ?? "none"}`);
    doors.send(work, messageId);
  };
  const post = (work: Work): void => {
    sent += 1;
    doors.post(work, `p${sent}`, random.between(1, 5));
  };
  /** Under its request id, by whichever door; now and then it is another job by mistake. */
  const sendAgain = (work: Work, job: number): void => {
    const document = random.chance(0.3) ? documentOf(world, work.tenantId, `other-${job}`) : work.document;
    const resend = random.chance(0.5) ? message : post;
    scheduler.after(random.between(0, profile.stormMs * 0.3), () => resend({ ...work, document }));
  };
  const send = (tenantId: string): void => {
    jobs += 1;
    const requestId = random.chance(0.4) ? `r${jobs}` : undefined;
    const document = documentOf(world, tenantId, `job-${jobs}`);
    const work: Work = { tenantId, document, ...(requestId !== undefined && { requestId }) };
    const first = random.chance(0.7) ? message : post;
    first(work);
    if (requestId !== undefined && random.chance(0.3)) sendAgain(work, jobs);
  };
  return {
    send,
    burst(tenantId, count, withinMs) {
      for (let left = count; left > 0; left -= 1) scheduler.after(random.between(0, withinMs), () => send(tenantId));
    },
  };
};

/** Much of one tenant, and while it is worked off a little of the others. */
const flood = ({ random, scheduler, setups }: World, { burst }: Sender): void => {
  const [greedy = "", ...others] = [...setups.keys()];
  burst(greedy, random.between(70, 100), 1500);
  for (const other of others)
    scheduler.after(random.between(2000, 5000), () => burst(other, random.between(1, 12), 500));
};

/** Two tenants and more want much at the same time. */
const contest = ({ random, setups }: World, { burst }: Sender): void => {
  for (const tenantId of setups.keys()) burst(tenantId, random.between(5, 12), 3000);
};

/** So much, for one tenant mostly and at once, or for all that there are by then and spread out. */
const some = ({ random, scheduler, setups, profile: { load, stormMs } }: World, { send }: Sender): void => {
  const greedy = random.pick([...setups.keys()]);
  const burst = load === "burst";
  for (let left = random.between(5, 40); left > 0; left -= 1) {
    scheduler.after(random.between(0, burst ? 3000 : stormMs * 0.7), () =>
      send(burst && random.chance(0.7) ? greedy : random.pick([...setups.keys()])),
    );
  }
};

/** Work of a world, by its load. */
export const sendWork = (world: World, sender: Sender): void => {
  const { load, laterMs } = world.profile;
  if (laterMs > 0) world.scheduler.after(laterMs, () => contest(world, sender));
  if (load === "flood") flood(world, sender);
  else if (load === "contest") contest(world, sender);
  else some(world, sender);
};
