import { PutEventsCommand, PutRuleCommand, PutTargetsCommand, RemoveTargetsCommand } from "@aws-sdk/client-eventbridge";
import { expect, onTestFinished, test } from "vitest";
import { createClock, createQueue, queueArn, receive, useAws } from "../aws-clients.ts";
import { copyOfKilled, newDirectory } from "../kept/data-directories.ts";

const clock = createClock();
const start = (dataDirectory: string) => useAws({ dataDirectory, now: clock.now, schedule: clock.schedule });

const rule = { name: "jobs", bus: "own", pattern: { source: ["acme.jobs"] } };
const put = (name: string) =>
  new PutEventsCommand({
    Entries: [{ Source: "acme.jobs", DetailType: "Job", Detail: JSON.stringify({ name }), EventBusName: "own" }],
  });
/** A target that takes as long as the test. */
const untilTheEnd = () => new Promise<void>((resolve) => onTestFinished(() => resolve()));

test("an event that was accepted reaches its target after a kill, once the target is there", async () => {
  const directory = await newDirectory();
  const { aws, events } = await start(directory);
  const done: unknown[] = [];
  const slow = untilTheEnd();
  aws.events.addRule({ ...rule, target: (event) => (event.detail["name"] === "slow" ? slow : taken(done)(event)) });
  await events.send(put("quick"));
  const { Entries } = await events.send(put("slow"));
  await expect.poll(() => done).toEqual(["quick"]);

  const next = await start(await copyOfKilled(directory));
  const again: unknown[] = [];
  next.aws.events.addRule({ ...rule, target: taken(again, (event) => event.id) });
  await next.aws.events.idle();
  expect(again).toEqual([Entries?.[0]?.EventId]);
});

test("an event that comes before the targets of this process are there waits for them", async () => {
  const directory = await newDirectory();
  const first = await start(directory);
  first.aws.events.addRule({ ...rule, target: async () => undefined });
  await first.events.send(put("settled"));
  await first.aws.events.idle();

  const next = await start(await copyOfKilled(directory));
  await next.events.send(put("early"));
  const seen: unknown[] = [];
  next.aws.events.addRule({ ...rule, target: taken(seen) });
  await next.aws.events.idle();
  expect(seen).toEqual(["early"]);
});

test("a target that is not back within a minute gets no new events, and nobody gets one of yesterday", async () => {
  const directory = await newDirectory();
  const first = await start(directory);
  const slow = untilTheEnd();
  first.aws.events.addRule({ ...rule, target: () => slow });
  await first.events.send(put("old"));
  const next = await start(await copyOfKilled(directory));
  clock.pass(61_000);
  await next.events.send(put("late"));
  const seen: unknown[] = [];
  next.aws.events.addRule({ ...rule, target: taken(seen) });
  await next.aws.events.idle();
  expect(seen).toEqual(["old"]);

  const copy = await copyOfKilled(directory);
  clock.pass(24 * 3_600_000);
  const last = await start(copy);
  last.aws.events.addRule({ ...rule, target: taken(seen) });
  await last.aws.events.idle();
  expect(seen).toEqual(["old"]);
});

test("tries that failed before the kill count", async () => {
  const directory = await newDirectory();
  const first = await start(directory);
  const fail = async () => {
    throw new Error("no");
  };
  first.aws.events.addRule({ ...rule, target: fail });
  await first.events.send(put("poison"));
  await first.aws.events.idle();
  clock.pass(60_000);
  await first.aws.events.idle();

  const lost: unknown[] = [];
  const onUndelivered = ({ event }: { event: { detail: unknown } }) => void lost.push(event.detail);
  const dataDirectory = await copyOfKilled(directory);
  const next = await useAws({ dataDirectory, now: clock.now, schedule: clock.schedule, onUndelivered });
  next.aws.events.addRule({ ...rule, target: fail });
  await next.aws.events.idle();
  expect(lost).toEqual([{ name: "poison" }]);
});

test("rules that were put come back with their targets", async () => {
  const directory = await newDirectory();
  const { aws, events, sqs } = await start(directory);
  await createQueue(sqs, "got");
  aws.events.createBus("own");
  const named = { Rule: "mine", EventBusName: "own" };
  const EventPattern = JSON.stringify(rule.pattern);
  await events.send(new PutRuleCommand({ Name: "mine", EventBusName: "own", EventPattern }));
  const Targets = ["queue", "gone"].map((Id) => ({ Id, Arn: queueArn("got") }));
  await events.send(new PutTargetsCommand({ ...named, Targets }));
  await events.send(new RemoveTargetsCommand({ ...named, Ids: ["gone"] }));

  const next = await start(await copyOfKilled(directory));
  next.aws.events.createBus("own");
  await next.events.send(put("after"));
  await next.aws.events.idle();
  const bodies = (await receive(next.sqs, await createQueue(next.sqs, "got"))).map(({ Body = "" }) => Body);
  expect(bodies.map((body) => JSON.parse(body).detail)).toEqual([{ name: "after" }]);
});

function taken(into: unknown[], pick = (event: Taken): unknown => event.detail["name"]) {
  return async (event: Taken) => void into.push(pick(event));
}

interface Taken {
  readonly id: string;
  readonly detail: Readonly<Record<string, unknown>>;
}
