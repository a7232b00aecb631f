import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EMRServerlessClient } from "@aws-sdk/client-emr-serverless";
import type { AwsService } from "#local/aws-service.ts";
import {
  createEmrServerless,
  type EmrServerless,
  type EmrServerlessOptions,
} from "#local/emr-serverless/emr-serverless.ts";
import type { EmrEvent } from "#local/emr-serverless/state.ts";
import { applicationId } from "./local-core.ts";

export interface LocalHttp {
  readonly url: string;
  readonly client: EMRServerlessClient;
  readonly service: EmrServerless;
  readonly events: EmrEvent[];
  end(): Promise<void>;
}

/** The service over HTTP on loopback, and the SDK's own client for it. */
export async function startLocalHttp(options: Partial<EmrServerlessOptions> = {}): Promise<LocalHttp> {
  const events: EmrEvent[] = [];
  const service = createEmrServerless({
    applications: [{ applicationId }],
    emit: (event) => events.push(event),
    ...options,
  });
  const server = createServer((message, response) => void answer(service, message, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new EMRServerlessClient({
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "acme", secretAccessKey: "local" },
  });
  return {
    url,
    client,
    service,
    events,
    end: async () => {
      client.destroy();
      await service.end();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(service: AwsService, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  const [path = "/", query = ""] = (message.url ?? "/").split("?");
  const { status, headers, body } = await service.handle({
    method: message.method ?? "GET",
    path,
    query: new URLSearchParams(query),
    headers: message.headers as Record<string, string>,
    body: Buffer.concat(chunks),
    principal: /Credential=([^/]+)/.exec(message.headers.authorization ?? "")?.[1] ?? "anonymous",
    region: "us-east-1",
  });
  if (status === 0) response.destroy();
  else response.writeHead(status, headers).end(body);
}
