import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { errorFor } from "./aws-errors.ts";
import type { AwsRequest, AwsResponse, AwsService } from "./aws-service.ts";
import { BodyTooLargeError, flattenHeaders, readBody, readSignature, splitTarget } from "./endpoint-request.ts";

export interface EndpointOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** By the service name of the signature: "s3", "sqs", "events", "dynamodb", "states", "emr-serverless". */
  readonly services: Readonly<Record<string, AwsService>>;
  readonly maxBodyBytes?: number;
  /** The flag that a taken port is blamed on. */
  readonly portFlag?: string;
  /** Told of every error that is ours and not the caller's; the caller gets a 500. */
  readonly onError?: (error: unknown, request: Pick<AwsRequest, "method" | "path">) => void;
}

export interface Endpoint {
  readonly url: string;
  readonly port: number;
  end(): Promise<void>;
}

/** An upload in one request; larger files come in parts of 8 MB from every AWS client. */
const defaultMaxBodyBytes = 256 * 1024 * 1024;

/** One HTTP server on loopback for all services of the embedded AWS. */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const server = createServer((message, response) => {
    void answer(options, message).then((result) => send(response, result));
  });
  // A large upload over a slow pipe is no attack here; nothing but loopback reaches this server.
  server.requestTimeout = 0;
  await listen(server, options.port, options.portFlag ?? "--aws-port");
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return { url: `http://127.0.0.1:${port}`, port, end: () => (closing ??= close(server)) };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
  server.closeAllConnections();
  await closed;
}

async function listen(server: Server, port: number, flag: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "the port is taken" : error.message;
      reject(new Error(`Cannot listen on 127.0.0.1:${port}: ${why}: choose another with ${flag}`, { cause: error }));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
}

async function answer(options: EndpointOptions, message: IncomingMessage): Promise<AwsResponse> {
  const headers = flattenHeaders(message);
  const method = message.method ?? "GET";
  const { path, query } = splitTarget(message.url ?? "/");
  const signature = readSignature(headers, query);
  if (!signature) {
    return errorFor(
      { service: "s3", contentType: undefined },
      "AuthorizationHeaderMalformed",
      "The credential scope must be AKID/date/region/service/aws4_request.",
    );
  }
  const { service: name, principal, region } = signature;
  const caller = { service: name, contentType: headers["content-type"] };
  const service = Object.hasOwn(options.services, name) ? options.services[name] : undefined;
  if (!service) {
    const known = Object.keys(options.services).join(", ");
    return errorFor(caller, "UnknownService", `This endpoint has no service "${name}": it has ${known}.`, 404);
  }
  try {
    const body = await readBody(message, options.maxBodyBytes ?? defaultMaxBodyBytes);
    return await service.handle({ method, path, query, headers, body, principal, region });
  } catch (error) {
    if (error instanceof BodyTooLargeError) return errorFor(caller, "EntityTooLarge", error.message, 413);
    // The client went away in the middle of its request: nobody is left to answer.
    if (message.destroyed && !message.complete) return { status: 0, headers: {}, body: "" };
    const report = options.onError ?? ((cause) => console.error(`Cannot answer ${method} ${path} of ${name}:`, cause));
    report(error, { method, path });
    return errorFor(caller, "InternalFailure", "The embedded AWS failed; its output says why.", 500);
  }
}

function send(response: ServerResponse, { status, headers, body }: AwsResponse): void {
  // Status 0 plays a call that did its work and then timed out.
  if (status === 0) {
    response.destroy();
    return;
  }
  const withoutBody = response.req.method === "HEAD" || status === 204 || status === 304;
  const length = headers["content-length"] ?? String(Buffer.byteLength(body));
  response.writeHead(status, withoutBody && status !== 200 ? headers : { ...headers, "content-length": length });
  response.end(withoutBody ? undefined : body);
  // A body that nobody asked for must not hold the connection.
  if (!response.req.complete) response.req.resume();
}
