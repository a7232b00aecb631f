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
  /** The path as the caller sent it: a REST API's stage or base path is in front of it. */
  readonly sentPath: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parameters of the query string; of one that comes twice what the shape makes of it. */
  readonly query: Readonly<Record<string, string>>;
  readonly requestContext: unknown;
  /** API Gateway's own id of the request, which its access log has too. */
  readonly apiRequestId?: string;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const lowerCase = (headers: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(isObject(headers) ? headers : {}).flatMap(([name, value]) =>
      typeof value === "string" ? [[name.toLowerCase(), value]] : [],
    ),
  );

const textsIn = (fields: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(isObject(fields) ? fields : {}).filter(
      (field): field is [string, string] => typeof field[1] === "string",
    ),
  );

/** The request of an HTTP event; nothing where the event is none. */
export const httpRequestOf = (event: unknown): HttpRequest | undefined => {
  if (!isObject(event) || !isObject(event["requestContext"])) return undefined;
  const { requestContext, rawPath, httpMethod, path } = event;
  const headers = lowerCase(event["headers"]);
  const { http, path: contextPath, requestId } = requestContext;
  const query = textsIn(event["queryStringParameters"]);
  const common = { headers, query, requestContext, ...(typeof requestId === "string" && { apiRequestId: requestId }) };
  if (isObject(http) && typeof http["method"] === "string" && typeof rawPath === "string") {
    return { method: http["method"], path: rawPath, sentPath: rawPath, ...common };
  }
  if (typeof httpMethod !== "string" || typeof path !== "string") return undefined;
  const sentPath = typeof contextPath === "string" ? contextPath : path;
  return { method: httpMethod, path, sentPath, ...common };
};

export interface Route {
  readonly method: "GET" | "POST";
  /** What a tenant used, in place of submissions. */
  readonly usage?: true;
  /** A job request is explained, and not submitted. */
  readonly explain?: true;
  readonly submissionId?: string;
  /** What is to be done with the submission; nothing is a look at it. */
  readonly action?: "cancel" | "rerun";
}

/** The route of a path. A stage or a base path may stand in front of it. */
export const routeOf = (path: string): Route | undefined => {
  if (/\/v1\/usage\/?$/.test(path)) return { method: "GET", usage: true };
  const match = /\/v1\/submissions(?:\/([^/]+)(?:\/(cancel|rerun))?)?\/?$/.exec(path);
  if (match === null) return undefined;
  const [, id, action] = match;
  if (id === undefined) return { method: "POST" };
  if (id === "explain" && action === undefined) return { method: "POST", explain: true };
  try {
    const submissionId = decodeURIComponent(id);
    if (action !== "cancel" && action !== "rerun") return { method: "GET", submissionId };
    return { method: "POST", submissionId, action };
  } catch {
    // A path with a broken escape names nothing.
    return undefined;
  }
};

/** What stands in front of the API's own paths for this caller. Only plain segments: it is repeated in Location. */
export const basePathOf = ({ sentPath }: HttpRequest): string =>
  /^((?:\/[\w.~-]+)*)\/v1\/submissions(?:\/explain|\/[^/]+\/(?:cancel|rerun))?\/?$/.exec(sentPath)?.[1] ?? "";

/** Bytes of the body as the caller sent it. */
export const bodyBytes = (event: { body?: string | null; isBase64Encoded?: boolean }): number =>
  Buffer.byteLength(event.body ?? "", event.isBase64Encoded === true ? "base64" : "utf8");
