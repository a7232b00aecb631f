import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as it came, and parsed: all the services that we ask speak JSON. */
  readonly text: string;
  readonly body: unknown;
}

export interface FakeAnswer {
  readonly status?: number;
  /** Sent as the error type, as AWS's JSON protocols do. */
  readonly error?: string;
  readonly body?: object;
}

export interface FakeAws {
  readonly endpoint: string;
  readonly requests: RecordedRequest[];
  /** Decides what the next requests are answered. */
  answer(how: (request: RecordedRequest) => FakeAnswer): void;
  end(): Promise<void>;
}

/** An AWS service of one answer: it keeps what it is sent, and answers as told. */
export const startFakeAws = async (): Promise<FakeAws> => {
  const requests: RecordedRequest[] = [];
  let how: (request: RecordedRequest) => FakeAnswer = () => ({});
  const server = createServer(async (message, response) => {
    const sent = await text(message);
    const { method = "", url = "", headers } = message;
    const request = { method, path: url, headers, text: sent, body: sent === "" ? undefined : JSON.parse(sent) };
    requests.push(request);
    const { error, status = error === undefined ? 200 : 400, body = {} } = how(request);
    response.writeHead(status, {
      "content-type": "application/json",
      ...(error !== undefined && { "x-amzn-errortype": error }),
    });
    response.end(JSON.stringify(error === undefined ? body : { __type: error, ...body }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    answer(next) {
      how = next;
    },
    async end() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
