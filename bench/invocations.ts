/** What invokes a function, and what its answer says when the work was done. */
export const doors = ["http", "queue", "events"] as const;
export type Door = (typeof doors)[number];

const region = "us-east-1";
const accountId = "111122223333";
const time = "2026-11-22T12:00:00Z";

/** Of tenant initech, which the example setup of this repository describes. */
const jobRequest = { jobTemplate: "daily-load", parameters: { date: "2026-11-21", feed: "orders" } };

const httpEvent = (id: string): object => ({
  version: "2.0",
  routeKey: "POST /v1/submissions",
  rawPath: "/v1/submissions",
  rawQueryString: "",
  headers: {
    accept: "*/*",
    "content-type": "application/json",
    host: `abcdef1234.execute-api.${region}.amazonaws.com`,
    "idempotency-key": id,
    "user-agent": "curl/8.5.0",
    "x-forwarded-for": "192.0.2.10",
  },
  requestContext: {
    accountId,
    apiId: "abcdef1234",
    authorizer: {
      iam: {
        accessKey: "ASIAEXAMPLE",
        accountId,
        callerId: "AROAINITECHETL0000001:nightly",
        cognitoIdentity: null,
        principalOrgId: "o-example",
        userArn: `arn:aws:sts::${accountId}:assumed-role/initech-etl/nightly`,
        userId: "AROAINITECHETL0000001:nightly",
      },
    },
    domainName: `abcdef1234.execute-api.${region}.amazonaws.com`,
    domainPrefix: "abcdef1234",
    http: {
      method: "POST",
      path: "/v1/submissions",
      protocol: "HTTP/1.1",
      sourceIp: "192.0.2.10",
      userAgent: "curl/8.5.0",
    },
    requestId: `request-${id}`,
    routeKey: "POST /v1/submissions",
    stage: "$default",
    time: "22/Nov/2026:12:00:00 +0000",
    timeEpoch: 1795348800000,
  },
  body: JSON.stringify(jobRequest),
  isBase64Encoded: false,
});

const sqsRecord = (messageId: string, body: object, queue: string): object => ({
  messageId,
  receiptHandle: `receipt-${messageId}`,
  body: JSON.stringify(body),
  attributes: {
    ApproximateReceiveCount: "1",
    SentTimestamp: "1795348800000",
    SenderId: "AROAINITECHETL0000001:nightly",
    ApproximateFirstReceiveTimestamp: "1795348800001",
  },
  messageAttributes: {},
  md5OfBody: "e4e68fb7bd0e697a0ae8f1bb342846b3",
  eventSource: "aws:sqs",
  eventSourceARN: `arn:aws:sqs:${region}:${accountId}:${queue}`,
  awsRegion: region,
});

const busEvent = (id: string, source: string, detailType: string, detail: object): object => ({
  version: "0",
  id,
  "detail-type": detailType,
  source,
  account: accountId,
  time,
  region,
  resources: [],
  detail,
});

/** The event of one invocation: an SQS batch of all the ids, or a request or an event of the first. */
export const eventOf = (door: Door, ids: readonly string[]): object => {
  const [id = ""] = ids;
  switch (door) {
    case "http":
      return httpEvent(id);
    case "queue":
      return { Records: ids.map((each) => sqsRecord(each, jobRequest, "initech-jobs")) };
    case "events":
      return busEvent(id, "initech.jobs", "Submission Requested", jobRequest);
  }
};

/** The faults of an answer: a measured function must have done the work, not refused it quickly. */
export const answerFault = (door: Door, answer: unknown): string | undefined => {
  const fields = typeof answer === "object" && answer !== null ? answer : {};
  const done =
    door === "http"
      ? !("statusCode" in fields) || fields.statusCode === 201
      : !("batchItemFailures" in fields) ||
        (Array.isArray(fields.batchItemFailures) && !fields.batchItemFailures.length);
  return done ? undefined : JSON.stringify(answer);
};

/** The second argument of a handler on Lambda, as far as anybody reads it. */
export const contextOf = (door: Door): object => ({
  functionName: `sluice-${door}`,
  functionVersion: "$LATEST",
  invokedFunctionArn: `arn:aws:lambda:${region}:${accountId}:function:sluice-${door}`,
  memoryLimitInMB: "512",
  awsRequestId: "8f507cfc-xmpl-4697-b07a-ac58fc914c95",
  logGroupName: `/aws/lambda/sluice-${door}`,
  logStreamName: "2026/11/22/[$LATEST]0123456789abcdef",
  callbackWaitsForEmptyEventLoop: false,
  getRemainingTimeInMillis: () => 30_000,
});

/** The environment of a function on Lambda, with the AWS endpoint of the bench; nothing of the machine's own. */
export const lambdaEnvironment = (endpoint: string, home: string): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: "ASIAEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "example",
  AWS_SESSION_TOKEN: "example",
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_ENDPOINT_URL: endpoint,
  AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
  AWS_LAMBDA_FUNCTION_NAME: "sluice",
  AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
  AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
  AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/sluice",
  AWS_LAMBDA_LOG_STREAM_NAME: "2026/11/22/[$LATEST]0123456789abcdef",
  LAMBDA_TASK_ROOT: "/var/task",
  LAMBDA_RUNTIME_DIR: "/var/runtime",
  HOME: home,
  LANG: "en_US.UTF-8",
  TZ: ":UTC",
  SLUICE_TABLE: "sluice",
  SLUICE_EVENT_BUS: "sluice",
  // Lifted: what is measured is a submission that starts at once.
  SLUICE_RATES: "StartJobRun=10000/1000000",
  SLUICE_QUEUE_URL: `https://sqs.${region}.amazonaws.com/${accountId}/sluice-submissions`,
});
