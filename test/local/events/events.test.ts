import {
  CreateEventBusCommand,
  DeleteRuleCommand,
  DescribeRuleCommand,
  type EventBridgeClient,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { expect, test } from "vitest";
import { createClock, createQueue, queueArn, receive, recordEvents, useAws } from "../aws-clients.ts";

const entry = (more: Partial<PutEventsRequestEntry> = {}): PutEventsRequestEntry => ({
  Source: "acme.jobs",
  DetailType: "Job Wanted",
  Detail: '{"name":"nightly"}',
  ...more,
});
const put = (events: EventBridgeClient, ...Entries: PutEventsRequestEntry[]) =>
  events.send(new PutEventsCommand({ Entries }));

const newIds = () => {
  let last = 0;
  return () => `00000000-0000-4000-8000-${String(++last).padStart(12, "0")}`;
};

test("PutEvents delivers events in the shape of AWS", async () => {
  const clock = createClock();
  const { aws, events } = await useAws({ now: clock.now, newId: newIds() });
  const recorded = recordEvents(aws);
  const { Entries } = await put(events, entry({ Resources: ["arn:aws:s3:::data"] }), entry({ Time: new Date(0) }));
  await aws.events.idle();
  expect(recorded).toMatchObject([{}, { time: "1970-01-01T00:00:00Z" }]);
  expect(recorded[0]).toEqual({
    version: "0",
    id: Entries?.[0]?.EventId,
    "detail-type": "Job Wanted",
    source: "acme.jobs",
    account: "111122223333",
    time: "2026-11-22T10:00:00Z",
    region: "us-east-1",
    resources: ["arn:aws:s3:::data"],
    detail: { name: "nightly" },
  });
  expect(Entries?.[0]?.EventId).toMatch(/^00000000-0000-4000-8000-/);
});

test("PutEvents refuses entries one by one", async () => {
  const { aws, events } = await useAws();
  const recorded = recordEvents(aws);
  const { FailedEntryCount, Entries = [] } = await put(
    events,
    entry({ Detail: "[]" }),
    entry({ Detail: "{" }),
    entry({ Detail: '"text"' }),
    entry({ Source: "aws.s3" }),
    entry({ Source: "" }),
    entry({ DetailType: "x".repeat(129) }),
    entry({ DetailType: "x".repeat(128) }),
  );
  expect(FailedEntryCount).toBe(6);
  expect(Entries.map(({ ErrorCode }) => ErrorCode)).toEqual([
    "MalformedDetail",
    "MalformedDetail",
    "MalformedDetail",
    "NotAuthorizedForSourceException",
    "InvalidArgument",
    "InvalidArgument",
    undefined,
  ]);
  await aws.events.idle();
  expect(recorded.length).toBe(1);
});

test("PutEvents takes at most 10 entries and less than 256 KB", async () => {
  const { events } = await useAws();
  await expect(put(events, ...Array(11).fill(entry()))).rejects.toMatchObject({ name: "ValidationException" });
  expect((await put(events, ...Array(10).fill(entry()))).FailedEntryCount).toBe(0);
  const large = entry({ Detail: JSON.stringify({ text: "ü".repeat(70_000) }) });
  expect((await put(events, large)).FailedEntryCount).toBe(0);
  await expect(put(events, large, large)).rejects.toThrow("Total size of the entries");
});

test("an event goes to the rules of its own bus that match it", async () => {
  const { aws, events } = await useAws();
  await events.send(new CreateEventBusCommand({ Name: "sluice" }));
  const [onDefault, onOther] = [recordEvents(aws), recordEvents(aws, "other")];
  const busArn = "arn:aws:events:us-east-1:111122223333:event-bus/other";
  await put(
    events,
    entry(),
    entry({ EventBusName: "sluice" }),
    entry({ EventBusName: "other" }),
    entry({ EventBusName: busArn }),
  );
  await aws.events.idle();
  expect([onDefault.length, onOther.length]).toEqual([1, 2]);
});

test("PutTargets delivers to a queue, with the message group of SqsParameters", async () => {
  const { aws, events, sqs } = await useAws();
  const url = await createQueue(sqs, "done");
  await events.send(new CreateEventBusCommand({ Name: "sluice" }));
  const on = { EventBusName: "sluice" };
  await events.send(new PutRuleCommand({ ...on, Name: "done", EventPattern: '{"source":["sluice"]}' }));
  const target = { Id: "1", Arn: queueArn("done"), SqsParameters: { MessageGroupId: "acme" } };
  const { FailedEntryCount } = await events.send(new PutTargetsCommand({ ...on, Rule: "done", Targets: [target] }));
  expect(FailedEntryCount).toBe(0);
  const { Entries } = await put(events, entry({ ...on, Source: "sluice" }), entry({ ...on, Source: "other" }));
  await aws.events.idle();
  const messages = await receive(sqs, url);
  expect(messages.length).toBe(1);
  expect(JSON.parse(messages[0]?.Body ?? "")).toMatchObject({ id: Entries?.[0]?.EventId, source: "sluice" });
  expect(messages[0]?.Attributes).toMatchObject({ MessageGroupId: "acme", SenderId: "events.amazonaws.com" });
});

test("Input and InputPath say what a queue gets", async () => {
  const { aws, events, sqs } = await useAws();
  const url = await createQueue(sqs, "done");
  await events.send(new PutRuleCommand({ Name: "done", EventPattern: '{"source":["acme.jobs"]}' }));
  const Targets = [
    { Id: "1", Arn: queueArn("done"), Input: '{"fixed":true}' },
    { Id: "2", Arn: queueArn("done"), InputPath: "$.detail.name" },
  ];
  await events.send(new PutTargetsCommand({ Rule: "done", Targets }));
  await put(events, entry());
  await aws.events.idle();
  expect((await receive(sqs, url)).map(({ Body }) => Body).sort()).toEqual(['"nightly"', '{"fixed":true}']);
});

test("rules, targets and buses can be read and removed", async () => {
  const { events } = await useAws();
  await expect(events.send(new DescribeRuleCommand({ Name: "done" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  const EventPattern = '{"source":["sluice"]}';
  await events.send(new PutRuleCommand({ Name: "done", EventPattern, State: "DISABLED", Description: "why" }));
  await events.send(new PutTargetsCommand({ Rule: "done", Targets: [{ Id: "1", Arn: queueArn("done") }] }));
  // A rule that is put again keeps its targets.
  await events.send(new PutRuleCommand({ Name: "done", EventPattern, State: "DISABLED", Description: "why" }));
  const Arn = "arn:aws:events:us-east-1:111122223333:rule/done";
  const rule = { Name: "done", Arn, EventPattern, State: "DISABLED", Description: "why", EventBusName: "default" };
  expect(await events.send(new DescribeRuleCommand({ Name: "done" }))).toMatchObject(rule);
  expect((await events.send(new ListRulesCommand({ NamePrefix: "do" }))).Rules).toEqual([rule]);
  expect((await events.send(new ListRulesCommand({ NamePrefix: "x" }))).Rules).toEqual([]);
  const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: "done" }));
  expect(Targets).toEqual([{ Id: "1", Arn: queueArn("done") }]);
  const { EventBuses } = await events.send(new ListEventBusesCommand({}));
  expect(EventBuses?.map(({ Name }) => Name)).toEqual(["default"]);
  const remove = new DeleteRuleCommand({ Name: "done" });
  await expect(events.send(remove)).rejects.toThrow("Rule can't be deleted since it has targets.");
  await events.send(new RemoveTargetsCommand({ Rule: "done", Ids: ["1"] }));
  await events.send(remove);
  expect((await events.send(new ListRulesCommand({}))).Rules).toEqual([]);
});

test("PutRule refuses a pattern that cannot match, and PutTargets what nobody could deliver", async () => {
  const { events } = await useAws();
  const bad = new PutRuleCommand({ Name: "bad", EventPattern: '{"source":"acme"}' });
  await expect(events.send(bad)).rejects.toMatchObject({ name: "InvalidEventPatternException" });
  const schedule = new PutRuleCommand({ Name: "hourly", ScheduleExpression: "rate(1 hour)" });
  await expect(events.send(schedule)).rejects.toThrow("runs no schedules");
  await events.send(new PutRuleCommand({ Name: "good", EventPattern: '{"source":["acme"]}' }));
  const Targets = [
    { Id: "1", Arn: "arn:aws:lambda:us-east-1:111122223333:function:f" },
    { Id: "2", Arn: queueArn("done"), InputTransformer: { InputTemplate: "<x>" } },
  ];
  const { FailedEntries } = await events.send(new PutTargetsCommand({ Rule: "good", Targets }));
  expect(FailedEntries?.map(({ ErrorMessage }) => ErrorMessage)).toEqual([
    "The embedded EventBridge delivers to SQS queues, not to arn:aws:lambda:us-east-1:111122223333:function:f.",
    "The embedded EventBridge has no InputTransformer of a target.",
  ]);
});

test("a disabled rule delivers nothing", async () => {
  const { aws, events } = await useAws();
  const recorded = recordEvents(aws);
  await events.send(
    new PutRuleCommand({ Name: "record", EventPattern: '{"source":["acme.jobs"]}', State: "DISABLED" }),
  );
  await put(events, entry());
  await aws.events.idle();
  expect(recorded).toEqual([]);
});

test("a target in this process is tried again as Lambda does, then its event is reported lost", async () => {
  const clock = createClock();
  const lost: unknown[] = [];
  const { aws } = await useAws({ ...clock, onUndelivered: ({ rule, error }) => lost.push([rule, error]) });
  const error = new Error("down");
  const seen: string[] = [];
  const target = async ({ id }: { id: string }) => {
    seen.push(id);
    throw error;
  };
  aws.events.addRule({ name: "changed", pattern: { source: ["aws.emr-serverless"] }, target });
  aws.events.emit({ source: "aws.emr-serverless", detailType: "Change", detail: {}, id: "e-1" });
  await aws.events.idle();
  expect(clock.due()).toEqual([60_000]);
  clock.pass(60_000);
  await aws.events.idle();
  expect(clock.due()).toEqual([180_000]);
  expect(lost).toEqual([]);
  clock.pass(120_000);
  await aws.events.idle();
  expect(clock.due()).toEqual([]);
  expect(seen).toEqual(["e-1", "e-1", "e-1"]);
  expect(lost).toEqual([["changed", error]]);
});

test("an event for a queue that is not there is reported lost", async () => {
  const clock = createClock();
  const lost: string[] = [];
  const { aws, events } = await useAws({ ...clock, onUndelivered: ({ error }) => lost.push(String(error)) });
  await events.send(new PutRuleCommand({ Name: "done", EventPattern: '{"source":["acme.jobs"]}' }));
  await events.send(new PutTargetsCommand({ Rule: "done", Targets: [{ Id: "1", Arn: queueArn("gone") }] }));
  await put(events, entry());
  for (const delay of [100, 200, 0]) {
    await aws.events.idle();
    clock.pass(delay);
  }
  expect(lost).toEqual(["Error: SendMessage failed: The specified queue does not exist."]);
});

test("emit() takes aws.* sources, with an id and a time of their own", async () => {
  const { aws } = await useAws();
  const recorded = recordEvents(aws);
  const time = "2026-11-22T10:11:12Z";
  aws.events.emit({
    source: "aws.emr-serverless",
    detailType: "Change",
    detail: { state: "RUNNING" },
    id: "e-1",
    time,
  });
  await aws.events.idle();
  expect(recorded).toMatchObject([
    { source: "aws.emr-serverless", id: "e-1", time, resources: [], detail: { state: "RUNNING" } },
  ]);
});

test("end() calls off the tries that wait", async () => {
  const clock = createClock();
  const { aws } = await useAws({ ...clock, onUndelivered: () => undefined });
  aws.events.addRule({ name: "r", pattern: { source: ["aws.x"] }, target: () => Promise.reject(new Error("down")) });
  aws.events.emit({ source: "aws.x", detailType: "x", detail: {} });
  await aws.events.idle();
  expect(clock.due()).toEqual([60_000]);
  await aws.events.end();
  expect(clock.due()).toEqual([]);
});
