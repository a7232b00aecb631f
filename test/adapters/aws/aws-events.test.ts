import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { awsEvents, type Undelivered } from "#adapters/aws/aws-events.ts";
import { openEventBridge } from "#adapters/aws/event-bridge.ts";
import { openSqs } from "#adapters/aws/sqs.ts";
import { openStepFunctions } from "#adapters/aws/step-functions.ts";
import type { Events } from "#domain/ports.ts";
import { eventsContract, sampleEvent } from "#test/contracts/events.ts";
import { localConfig } from "#test/helpers/dynamodb.ts";
import { type FakeAnswer, type FakeAws, type RecordedRequest, startFakeAws } from "#test/helpers/fake-aws.ts";

let bus: FakeAws;
let sqs: FakeAws;
let states: FakeAws;

beforeAll(async () => {
  [bus, sqs, states] = await Promise.all([startFakeAws(), startFakeAws(), startFakeAws()]);
});
beforeEach(() => {
  bus.requests.length = 0;
  sqs.requests.length = 0;
  states.requests.length = 0;
  undelivered.length = 0;
  over.length = 0;
  bus.answer(() => ({ body: { FailedEntryCount: 0, Entries: [{ EventId: "1" }] } }));
  sqs.answer(sqsTaken);
  states.answer(() => ({}));
});
afterAll(async () => {
  await Promise.all([bus.end(), sqs.end(), states.end()]);
});

/** SendMessage's answer: the SDK compares the checksum. */
const sqsTaken = ({ body }: RecordedRequest): FakeAnswer => {
  const { MessageBody } = read<SendMessage>(body);
  return { body: { MessageId: "1", MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex") } };
};

/** As in a Lambda function: no endpoint of its own, so that the queue's URL says where to send. */
const sqsConfig = () => {
  const { endpoint: _none, ...config } = localConfig("");
  const silent = () => undefined;
  return { ...config, logger: { debug: silent, info: silent, warn: silent, error: silent } };
};

const undelivered: Undelivered[] = [];
const over: Undelivered[] = [];

/** Events that were made so long ago, in milliseconds. */
const open = (ageMs = 0): Events => {
  const now = () => Date.parse(sampleEvent().time) + ageMs;
  return awsEvents({
    busName: "sluice",
    eventBridge: async () => openEventBridge(localConfig(bus.endpoint)),
    sqs: async () => openSqs(sqsConfig(), now),
    stepFunctions: async () => openStepFunctions(localConfig(states.endpoint), now),
    onUndelivered: (event) => undelivered.push(event),
    onTaskOver: (event) => over.push(event),
  });
};
const queueUrl = (name = "acme") => `${sqs.endpoint}/123456789012/${name}`;

/** A recorded body as what the test knows of it. */
const read = <T>(body: unknown): T => JSON.parse(JSON.stringify(body));

interface PutEvents {
  Entries: {
    EventBusName: string;
    Source: string;
    DetailType: string;
    Detail: string;
    Resources: string[];
    Time: number;
  }[];
}
interface SendMessage {
  QueueUrl: string;
  MessageBody: string;
}
interface SendTask {
  taskToken: string;
}

eventsContract("awsEvents", () => ({
  events: open(),
  queueUrl: queueUrl(),
  onBus: () =>
    bus.requests
      .flatMap(({ body }) => read<PutEvents>(body).Entries)
      .map(({ DetailType, Detail, Resources, Time }) => ({
        detailType: DetailType,
        time: new Date(Time * 1000).toISOString(),
        resources: Resources,
        detail: JSON.parse(Detail),
      })),
  toldTasks: () => states.requests.map(({ body }) => read<SendTask>(body).taskToken),
  inQueue: (url) =>
    sqs.requests
      .map(({ body }) => read<SendMessage>(body))
      .filter(({ QueueUrl }) => QueueUrl === url)
      .map(({ MessageBody }) => JSON.parse(MessageBody)),
}));

describe("awsEvents: what is sent", () => {
  test("one entry for the bus, from sluice", async () => {
    await open().publish(sampleEvent(), {});
    expect(bus.requests).toHaveLength(1);
    expect(bus.requests[0]?.headers["x-amz-target"]).toBe("AWSEvents.PutEvents");
    expect(read<PutEvents>(bus.requests[0]?.body).Entries).toMatchObject([
      { EventBusName: "sluice", Source: "sluice", DetailType: "Submission Completed" },
    ]);
  });

  test("one message for the queue, with what it can be filtered by as attributes", async () => {
    await open().publish(sampleEvent(), { queueUrl: queueUrl() });
    expect(sqs.requests).toHaveLength(1);
    expect(sqs.requests[0]?.body).toEqual({
      QueueUrl: queueUrl(),
      MessageBody: JSON.stringify(sampleEvent().detail),
      MessageAttributes: {
        type: { DataType: "String", StringValue: "sluice.submission.completed.v1" },
        eventType: { DataType: "String", StringValue: "Submission Completed" },
        submissionId: { DataType: "String", StringValue: "req.1" },
        tenantId: { DataType: "String", StringValue: "acme" },
      },
    });
  });

  test("success for the task of a job run that succeeded, with the event's data as its output", async () => {
    await open().publish(sampleEvent(), { taskToken: "AQCE" });
    expect(states.requests.map(({ headers, body }) => [headers["x-amz-target"], body])).toEqual([
      ["AWSStepFunctions.SendTaskSuccess", { taskToken: "AQCE", output: JSON.stringify(sampleEvent().detail.data) }],
    ]);
  });

  test("failure for the task of any other, with our code as its error and the data as its cause", async () => {
    const event = sampleEvent();
    const data = { outcome: "FAILED", reason: "EXECUTION_TIMEOUT" };
    await open().publish({ ...event, detail: { ...event.detail, data } }, { taskToken: "AQCE" });
    expect(states.requests.map(({ headers, body }) => [headers["x-amz-target"], body])).toEqual([
      [
        "AWSStepFunctions.SendTaskFailure",
        { taskToken: "AQCE", error: "EXECUTION_TIMEOUT", cause: JSON.stringify(data) },
      ],
    ]);
  });

  test("a FIFO queue gets the submission as its group and the event id against duplicates", async () => {
    await open().publish(sampleEvent(), { queueUrl: queueUrl("acme.fifo") });
    expect(sqs.requests[0]?.body).toMatchObject({
      MessageGroupId: "req.1",
      MessageDeduplicationId: "req.1/completed",
    });
  });

  test.each([["x".repeat(129)], ["with space"], ["ümlaut"]])(
    "a FIFO queue gets the hash of an event id that it would not take",
    async (id) => {
      await open().publish(sampleEvent(id), { queueUrl: queueUrl("acme.fifo") });
      expect(sqs.requests[0]?.body).toMatchObject({
        MessageDeduplicationId: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
    },
  );
});

describe("awsEvents: errors", () => {
  const down = { code: "ERR_EVENTS_DOWN", kind: "down" };

  test("an entry that the bus did not take is an error, though the answer is 200", async () => {
    const entry = { ErrorCode: "InternalFailure", ErrorMessage: "not now" };
    bus.answer(() => ({ body: { FailedEntryCount: 1, Entries: [entry] } }));
    await expect(open().publish(sampleEvent(), { queueUrl: queueUrl() })).rejects.toMatchObject({
      ...down,
      message: 'Cannot publish event "req.1/completed" on bus "sluice": InternalFailure, not now: try again',
    });
  });

  test.each([
    ["ThrottlingException", 400],
    ["InternalException", 500],
    ["AccessDeniedException", 400],
  ])("%s of the bus", async (error, status) => {
    bus.answer(() => ({ error, status }));
    await expect(open().publish(sampleEvent(), {})).rejects.toMatchObject({ ...down, cause: { name: error } });
  });

  test.each([
    ["RequestThrottled", 403],
    ["KmsDisabled", 400],
    ["InternalError", 500],
  ])("%s of the tenant's queue", async (error, status) => {
    sqs.answer(() => ({ error, status }));
    const publish = open().publish(sampleEvent(), { queueUrl: queueUrl() });
    await expect(publish).rejects.toMatchObject({ ...down, message: expect.stringContaining(queueUrl()) });
  });

  test.each([
    ["QueueDoesNotExist", 400],
    ["InvalidAddress", 404],
    ["AccessDenied", 403],
    ["AccessDeniedException", 400],
    ["KmsAccessDenied", 400],
  ])("%s of the tenant's queue is told, and holds nothing up: the bus has the event", async (error, status) => {
    sqs.answer(() => ({ error, status }));
    await open().publish(sampleEvent(), { queueUrl: queueUrl() });
    expect(bus.requests).toHaveLength(1);
    expect(undelivered).toEqual([
      { eventId: "req.1/completed", submissionId: "req.1", queueUrl: queueUrl(), reason: error },
    ]);
  });

  const day = 86_400_000;
  const keyStates = ["KmsDisabled", "KmsInvalidState", "KmsNotFound", "KmsOptInRequired", "KmsInvalidKeyUsage"];

  test.each(keyStates)(
    "%s of the tenant's queue passes for a day, and is told then: the key may be on again",
    async (error) => {
      sqs.answer(() => ({ error, status: 400 }));
      await expect(open(day - 1).publish(sampleEvent(), { queueUrl: queueUrl() })).rejects.toMatchObject(down);
      expect(undelivered).toEqual([]);
      await open(day).publish(sampleEvent(), { queueUrl: queueUrl() });
      expect(undelivered).toMatchObject([{ queueUrl: queueUrl(), reason: error }]);
      expect(bus.requests).toHaveLength(2);
    },
  );

  test("throttling by KMS passes, however old the event is", async () => {
    sqs.answer(() => ({ error: "KmsThrottled", status: 400 }));
    await expect(open(9 * day).publish(sampleEvent(), { queueUrl: queueUrl() })).rejects.toMatchObject(down);
  });

  test("an error that nobody knows comes as it is", async () => {
    bus.answer(() => ({ error: "Unheard" }));
    await expect(open().publish(sampleEvent(), {})).rejects.toMatchObject({ name: "Unheard" });
    bus.answer(() => ({ body: { FailedEntryCount: 0 } }));
    sqs.answer(() => ({ error: "Unheard" }));
    await expect(open().publish(sampleEvent(), { queueUrl: queueUrl() })).rejects.toMatchObject({ name: "Unheard" });
  });
});

describe("awsEvents: a task", () => {
  const down = { code: "ERR_EVENTS_DOWN", kind: "down" };
  const taskToken = "AQCE-secret";
  const ids = { eventId: "req.1/completed", submissionId: "req.1" };
  /** What AWS says of a wrong value repeats it. */
  const failing =
    (error: string, status = 400) =>
    () => ({
      error,
      status,
      body: { message: `1 validation error: Value '${taskToken}' at 'taskToken'` },
    });
  const failureOf = async (publishing: Promise<void>): Promise<unknown> => {
    try {
      await publishing;
    } catch (error) {
      return error;
    }
    throw new Error("the task was told");
  };
  const everything = (error: unknown): string =>
    error instanceof Error ? `${error.name} ${error.message} ${error.stack} ${JSON.stringify(error)}` : String(error);

  test.each(["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])("%s is an ending", async (error) => {
    states.answer(failing(error));
    await open().publish(sampleEvent(), { taskToken });
    expect(over).toEqual([{ ...ids, reason: error }]);
    expect(undelivered).toEqual([]);
  });

  test.each(["AccessDeniedException", "KmsAccessDeniedException", "ValidationException"])(
    "%s is told, and holds nothing up",
    async (error) => {
      states.answer(failing(error));
      await open().publish(sampleEvent(), { taskToken });
      expect(undelivered).toEqual([{ ...ids, reason: error }]);
      expect(over).toEqual([]);
    },
  );

  test.each([
    ["ThrottlingException", 400],
    ["KmsThrottlingException", 400],
    ["KmsInvalidStateException", 400],
    ["InternalServerError", 500],
  ])("%s passes", async (error, status) => {
    states.answer(failing(error, status));
    const failure = await failureOf(open().publish(sampleEvent(), { taskToken }));
    expect(failure).toMatchObject({ ...down, cause: { name: error } });
  });

  test("a key that was of no use for a day is told, and holds nothing up", async () => {
    states.answer(failing("KmsInvalidStateException"));
    await open(86_400_000).publish(sampleEvent(), { taskToken });
    expect(undelivered).toEqual([{ ...ids, reason: "KmsInvalidStateException" }]);
  });

  test("an error that nobody knows comes with its name, and without its words", async () => {
    states.answer(failing("Unheard"));
    const failure = await failureOf(open().publish(sampleEvent(), { taskToken }));
    expect(failure).toMatchObject({
      name: "Unheard",
      message: 'Cannot tell the Step Functions task of event "req.1/completed": Step Functions says Unheard',
      $metadata: { httpStatusCode: 400 },
    });
    expect(everything(failure)).not.toContain(taskToken);
  });

  test.each(["TaskTimedOut", "AccessDeniedException", "ThrottlingException", "Unheard"])(
    "its token is in nothing that is told of %s",
    async (error) => {
      states.answer(failing(error));
      const failure = await open()
        .publish(sampleEvent(), { taskToken })
        .catch((thrown: unknown) => thrown);
      const message = failure instanceof Error ? failure.message : "";
      expect(`${message} ${JSON.stringify([over, undelivered, failure])}`).not.toContain(taskToken);
    },
  );
});

describe("awsEvents: one destination that is down", () => {
  const all = { queueUrl: "", taskToken: "AQCE" };
  const publish = async () => await open().publish(sampleEvent(), { ...all, queueUrl: queueUrl() });
  const taken = () => [bus, sqs, states].map(({ requests }) => requests.length);
  const away = () => ({ error: "ServiceUnavailable", status: 503 });

  test("keeps the event from none of the others", async () => {
    for (const [index, service] of [bus, sqs, states].entries()) {
      for (const { requests } of [bus, sqs, states]) requests.length = 0;
      const answers = [() => ({ body: { FailedEntryCount: 0 } }), sqsTaken, () => ({})];
      service.answer(away);
      await expect(publish()).rejects.toMatchObject({ code: "ERR_EVENTS_DOWN" });
      expect(taken()).toEqual([1, 1, 1]);
      service.answer(answers[index]!);
    }
  });

  test("is told with the others that are", async () => {
    bus.answer(away);
    states.answer(away);
    await expect(publish()).rejects.toMatchObject({
      code: "ERR_EVENTS_DOWN",
      message: expect.stringMatching(/Cannot publish event .* on bus .*; Cannot tell the Step Functions task of event/),
    });
    expect(taken()).toEqual([1, 1, 1]);
  });

  test("does not hide an error that nobody knows", async () => {
    bus.answer(away);
    sqs.answer(() => ({ error: "Unheard" }));
    await expect(publish()).rejects.toMatchObject({ name: "Unheard" });
  });
});

describe("awsEvents: loading", () => {
  const counted = () => {
    const loads = { bus: 0, sqs: 0, states: 0 };
    const events = awsEvents({
      busName: "sluice",
      eventBridge: async () => {
        loads.bus++;
        return { put: async () => undefined };
      },
      sqs: async () => {
        loads.sqs++;
        return { send: async () => ({ verdict: "sent" }) };
      },
      stepFunctions: async () => {
        loads.states++;
        return { tell: async () => ({ verdict: "told" }) };
      },
      onUndelivered: () => undefined,
      onTaskOver: () => undefined,
    });
    return { loads, events };
  };

  test("nothing is loaded before it is needed, and nothing twice", async () => {
    const { loads, events } = counted();
    expect(loads).toEqual({ bus: 0, sqs: 0, states: 0 });
    await events.publish(sampleEvent(), {});
    await events.publish(sampleEvent(), {});
    expect(loads).toEqual({ bus: 1, sqs: 0, states: 0 });
    await Promise.all([1, 2].map(() => events.publish(sampleEvent(), { queueUrl: "https://queue" })));
    expect(loads).toEqual({ bus: 1, sqs: 1, states: 0 });
    await Promise.all([1, 2].map(() => events.tellTask(sampleEvent(), "AQCE")));
    expect(loads).toEqual({ bus: 1, sqs: 1, states: 1 });
  });

  test("what could not be loaded is loaded by the next call", async () => {
    let tries = 0;
    const events = awsEvents({
      busName: "sluice",
      async eventBridge() {
        if (++tries === 1) throw new Error("not yet");
        return { put: async () => undefined };
      },
      sqs: async () => ({ send: async () => ({ verdict: "sent" }) }),
      stepFunctions: async () => ({ tell: async () => ({ verdict: "told" }) }),
      onUndelivered: () => undefined,
      onTaskOver: () => undefined,
    });
    await expect(events.publish(sampleEvent(), {})).rejects.toThrow("not yet");
    await events.publish(sampleEvent(), {});
    expect(tries).toBe(2);
  });
});
