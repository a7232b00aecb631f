import type {
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyEventV2WithRequestContext,
} from "aws-lambda";

/** An HTTP request in any of the shapes that Lambda gets: HTTP API 2.0 and 1.0, REST API, function URL. */
export type HttpEvent =
  | APIGatewayProxyEvent
  | APIGatewayProxyEventV2
  | APIGatewayProxyEventV2WithRequestContext<unknown>;

/** What the door needs of a request, the same for every shape. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly requestContext: unknown;
}

const lowerCase = (headers: Readonly<Record<string, string | undefined>> | null | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), value]],
    ),
  );

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** The request of an event. Anything that is not an HTTP event throws: answering it would lose it. */
export const httpRequestOf = (event: unknown): HttpRequest => {
  if (isObject(event) && isObject(event["requestContext"])) {
    const { requestContext } = event;
    const { http } = requestContext;
    const headers = lowerCase(event["headers"] as Record<string, string> | null);
    if (isObject(http) && typeof http["method"] === "string" && typeof event["rawPath"] === "string") {
      return { method: http["method"], path: event["rawPath"], headers, requestContext };
    }
    if (typeof event["httpMethod"] === "string" && typeof event["path"] === "string") {
      return { method: event["httpMethod"], path: event["path"], headers, requestContext };
    }
  }
  throw new Error("Cannot read the event: it is not an HTTP request of API Gateway or a function URL");
};

/** The route of a path. A stage or a base path may stand in front of it. */
export const routeOf = (path: string): { readonly submissionId?: string } | undefined => {
  const match = /\/v1\/submissions(?:\/([^/]+))?\/?$/.exec(path);
  if (match === null) return undefined;
  if (match[1] === undefined) return {};
  try {
    return { submissionId: decodeURIComponent(match[1]) };
  } catch {
    // A path with a broken escape names nothing.
    return undefined;
  }
};

/** Bytes of the body as the caller sent it. */
export const bodyBytes = (event: { body?: string | null; isBase64Encoded?: boolean }): number =>
  Buffer.byteLength(event.body ?? "", event.isBase64Encoded === true ? "base64" : "utf8");
