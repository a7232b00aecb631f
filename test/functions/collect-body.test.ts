import { once } from "node:events";
import { createServer, get, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collectBody } from "../../src/functions/collect-body.ts";

/** Answers with a text in pieces, with no body at all, or breaks off after the first piece. */
const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "/pieces": (response) => {
    const bytes = Buffer.from('{"name":"café"}');
    // In the middle of a letter.
    response.write(bytes.subarray(0, 13));
    setImmediate(() => response.end(bytes.subarray(13)));
  },
  "/empty": (response) => response.end(),
  "/broken": (response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half", () => response.destroy());
  },
};

const server = createServer((request, response) => answers[request.url ?? ""]?.(response));
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => server.close());

const answerOf = async (path: string): Promise<IncomingMessage> => {
  const [message] = await once(get({ port: (server.address() as AddressInfo).port, path, agent: false }), "response");
  return message;
};

test("collectBody() gives all bytes of an answer, in whatever pieces they come", async () => {
  expect(Buffer.from(await collectBody(await answerOf("/pieces"))).toString("utf8")).toBe('{"name":"café"}');
});

test("collectBody() gives no bytes of an answer without a body", async () => {
  expect(await collectBody(await answerOf("/empty"))).toHaveLength(0);
});

test("collectBody() rejects where the answer breaks off", async () => {
  await expect(collectBody(await answerOf("/broken"))).rejects.toMatchObject({ code: "ECONNRESET" });
});
