import { ofAcme } from "./tenants.ts";

export interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text is sent as it is, anything else as JSON; nothing is a request without a body. */
  readonly body?: unknown;
  readonly base64?: boolean;
  readonly query?: Readonly<Record<string, string>>;
  /** `requestContext.authorizer`, and `requestContext.identity` of the shapes that have one. */
  readonly authorizer?: unknown;
  readonly identity?: Readonly<Record<string, unknown>>;
  readonly stage?: string;
}

export const jwtOf = (client: string, claims: Readonly<Record<string, unknown>> = {}) => ({
  jwt: { claims: { client_id: client, token_use: "access", ...claims }, scopes: ["jobs/submit"] },
});

const textOf = (body: unknown): string => (typeof body === "string" ? body : JSON.stringify(body));

const sentBody = ({ body, base64 = false }: Asked): { body?: string; isBase64Encoded: boolean } => {
  if (body === undefined) return { isBase64Encoded: false };
  const text = textOf(body);
  return { body: base64 ? Buffer.from(text).toString("base64") : text, isBase64Encoded: base64 };
};

/** HTTP API, payload format 2.0: the body is absent when there is none, and a named stage is in the path. */
export const httpApiEvent = (asked: Asked = {}) => {
  const { method = "POST", path = "/v1/submissions", stage = "$default", query } = asked;
  const rawPath = stage === "$default" ? path : `/${stage}${path}`;
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: {
      "content-type": "application/json",
      host: "abc123.execute-api.us-east-1.amazonaws.com",
      ...asked.headers,
    },
    ...(query !== undefined && { queryStringParameters: query }),
    requestContext: {
      accountId: "123456789012",
      apiId: "abc123",
      ...("authorizer" in asked ? { authorizer: asked.authorizer } : { authorizer: jwtOf(ofAcme.client) }),
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "curl/8" },
      requestId: "ZhMpgigvDoEEPlg=",
      stage,
      timeEpoch: 1_795_348_800_000,
    },
    ...sentBody(asked),
  };
};

const noIdentity = {
  accessKey: null,
  accountId: null,
  caller: null,
  cognitoIdentityId: null,
  sourceIp: "192.0.2.1",
  user: null,
  userAgent: "curl/8",
  userArn: null,
};

/** REST API: the body is null when there is none, headers are as the caller spelled them, the stage is in requestContext.path. */
export const restEvent = (asked: Asked = {}) => {
  const { method = "POST", path = "/v1/submissions", stage = "prod", query = null } = asked;
  const headers = { "Content-Type": "application/json", ...asked.headers };
  return {
    resource: "/{proxy+}",
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: query,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      accountId: "123456789012",
      apiId: "def456",
      ...("authorizer" in asked && { authorizer: asked.authorizer }),
      httpMethod: method,
      identity: { ...noIdentity, ...asked.identity },
      path: `/${stage}${path}`,
      requestId: "f88e38e3-2060-4a56-93c0-9efbc6a659a0",
      extendedRequestId: "ZhDrKF5dDoEEHfA=",
      stage,
    },
    body: null,
    ...sentBody(asked),
  };
};

/** HTTP API, payload format 1.0: REST's shape with a version and lower-case headers. */
export const formatOneEvent = (asked: Asked = {}) => {
  const event = restEvent({ ...asked, stage: "$default" });
  const headers = Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { version: "1.0", ...event, headers, requestContext: { ...event.requestContext, path: event.path } };
};

/** A function URL: HTTP API 2.0's shape, whose authorizer is IAM or absent. */
export const functionUrlEvent = (asked: Asked & { readonly userArn?: string } = {}) => {
  const { userArn, ...rest } = asked;
  const event = httpApiEvent({ ...rest, authorizer: undefined });
  const { authorizer: _none, ...requestContext } = event.requestContext;
  const iam = { accessKey: "AKIAEXAMPLE", accountId: "111122223333", callerId: "AIDAEXAMPLE", userArn };
  return {
    ...event,
    requestContext: {
      ...requestContext,
      accountId: userArn === undefined ? "anonymous" : "111122223333",
      ...(userArn !== undefined && { authorizer: { iam } }),
    },
  };
};

/** A job request that both tenants may send. */
export const nightly = { jobTemplate: "nightly", parameters: { date: "2026-11-19" } };
