import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { AwsRequest, AwsResponse } from "./aws-service.ts";

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * Asks a request handler of a Node HTTP server without a socket in between. Only for handlers known to use no more of
 * the two objects than is made here.
 */
export async function callHandler(handler: NodeHandler, request: AwsRequest): Promise<AwsResponse> {
  const query = request.query.size > 0 ? `?${request.query}` : "";
  const message = Object.assign(Readable.from(request.body.length > 0 ? [request.body] : []), {
    method: request.method,
    url: request.path + query,
    headers: request.headers,
  });
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = {};
    const response = {
      statusCode: 200,
      req: message,
      setHeader: (name: string, value: unknown) => {
        headers[name.toLowerCase()] = String(value);
      },
      end: (body?: string | Buffer) => resolve({ status: response.statusCode, headers, body: body ?? "" }),
    };
    Promise.resolve(handler(message as unknown as IncomingMessage, response as unknown as ServerResponse)).catch(
      reject,
    );
  });
}
