import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { localAccountId } from "#local/aws-service.ts";
import type { Developers } from "./developers.ts";
import type { Invoke } from "./lambda.ts";

export interface Gateway {
  readonly url: string;
  end(): Promise<void>;
}

/** API Gateway's payload limit, 10 MB: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const maxBodyBytes = 10 * 1024 * 1024;

/** The development authorizer: `Authorization: Bearer dev:<tenant>` is that tenant's developer. Nobody else gets in. */
const tenantOf = (header: string | undefined): string | undefined =>
  /^Bearer dev:([a-z0-9][a-z0-9-]{1,38})$/i.exec(header ?? "")?.[1];

const readBody = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  }
  return bytes <= maxBodyBytes ? Buffer.concat(chunks) : undefined;
};

const isText = (contentType: string): boolean =>
  /^(text\/|application\/([a-z0-9.+-]+\+)?(json|xml|javascript)(;|$))/i.test(contentType);

/** API Gateway joins the values of a parameter that comes more than once with commas. */
const parametersOf = (parameters: URLSearchParams): Record<string, string> =>
  Object.fromEntries([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(",")]));

/** An HTTP API event of payload format 2.0, as a route with an authorizer gets it. */
const eventOf = (request: IncomingMessage, body: Buffer, authorizer: object): object => {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(",") : (value ?? ""),
    ]),
  );
  const method = request.method ?? "GET";
  const asText = isText(headers["content-type"] ?? "text/plain");
  const now = new Date();
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    ...(url.search.length > 1 && { queryStringParameters: parametersOf(url.searchParams) }),
    requestContext: {
      accountId: localAccountId,
      apiId: "local",
      authorizer,
      domainName: headers["host"] ?? "127.0.0.1",
      domainPrefix: "local",
      http: {
        method,
        path: url.pathname,
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: "$default",
      stage: "$default",
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: asText ? body.toString("utf8") : body.toString("base64") }),
    isBase64Encoded: body.length > 0 && !asText,
  };
};

const answer = (response: ServerResponse, status: number, headers: Record<string, string>, body: string): void => {
  response.writeHead(status, { "content-length": String(Buffer.byteLength(body)), ...headers }).end(body);
};

/** What API Gateway itself says, before or in place of the function. */
const gatewayAnswer = (response: ServerResponse, status: number, message: string): void =>
  answer(response, status, { "content-type": "application/json" }, JSON.stringify({ message }));

const serve = async (
  invoke: Invoke,
  { authorizer }: Pick<Developers, "authorizer">,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const body = await readBody(request);
  if (body === undefined) return gatewayAnswer(response, 413, "Request Too Long");
  if (!(request.url ?? "").startsWith("/v1/")) return gatewayAnswer(response, 404, "Not Found");
  const tenantId = tenantOf(request.headers.authorization);
  if (tenantId === undefined) return gatewayAnswer(response, 401, "Unauthorized");
  const result = await invoke(eventOf(request, body, await authorizer(tenantId)));
  const {
    statusCode = 200,
    headers = {},
    body: text = "",
  } = result as { statusCode?: number; headers?: Record<string, string>; body?: string };
  answer(response, statusCode, headers, text);
};

/** The HTTP API on 127.0.0.1, in front of the http function. Port 0 takes any free one. */
export const startGateway = async (
  invoke: Invoke,
  developers: Pick<Developers, "authorizer">,
  port: number,
): Promise<Gateway> => {
  const server = createServer((request, response) => {
    serve(invoke, developers, request, response).catch((error: unknown) => {
      console.error("The http function failed:", error);
      gatewayAnswer(response, 500, "Internal Server Error");
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new Error(`Cannot listen on 127.0.0.1:${port}: the port is taken: choose another with --port`)
          : error,
      ),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    end: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
