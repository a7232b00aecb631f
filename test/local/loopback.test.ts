import { once } from "node:events";
import { createServer, request } from "node:http";
import { type AddressInfo, connect, Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect, onTestFinished, test } from "vitest";
import { allowOnlyLoopback, isLoopback } from "#local/loopback.ts";
import { credentials } from "./aws-clients.ts";

const message = 'Cannot connect to "sqs.us-east-1.amazonaws.com": the local runtime talks to 127.0.0.1 only';

function guard(): void {
  onTestFinished(allowOnlyLoopback());
}

test("allowOnlyLoopback() stops an SDK client that has no endpoint", async () => {
  guard();
  const sqs = new SQSClient({ region: "us-east-1", credentials, maxAttempts: 1 });
  await expect(sqs.send(new ListQueuesCommand({}))).rejects.toThrow(message);
});

test("allowOnlyLoopback() stops http, tls, plain sockets and fetch", async () => {
  guard();
  const host = "sqs.us-east-1.amazonaws.com";
  const opened = [
    request({ host }),
    connectTls(443, host),
    connect(80, host),
    new Socket().connect({ host, port: 80 }),
  ];
  const errors = await Promise.all(opened.map(async (emitter) => (await once(emitter, "error"))[0]));
  expect(errors.map((error) => error.message)).toEqual(Array(4).fill(expect.stringContaining(message)));
  await expect(fetch(`http://${host}`)).rejects.toMatchObject({ cause: { message: expect.stringContaining(message) } });
});

test("allowOnlyLoopback() stops an address as well as a name", async () => {
  guard();
  const [error] = await once(connect(80, "192.0.2.1"), "error");
  expect(error.message).toContain('Cannot connect to "192.0.2.1"');
});

test("allowOnlyLoopback() lets loopback through", async () => {
  guard();
  const server = createServer((_, response) => response.end("here")).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("here");
  expect(await (await fetch(`http://localhost:${port}`)).text()).toBe("here");
});

test("allowOnlyLoopback() stays until the last guard is taken off", () => {
  const plain = Socket.prototype.connect;
  const [first, second] = [allowOnlyLoopback(), allowOnlyLoopback()];
  first();
  expect(Socket.prototype.connect).not.toBe(plain);
  second();
  expect(Socket.prototype.connect).toBe(plain);
});

test.each([
  ["127.0.0.1", true],
  ["127.1.2.3", true],
  ["::1", true],
  ["[::1]", true],
  ["0:0:0:0:0:0:0:1", true],
  ["::ffff:127.0.0.1", true],
  ["LOCALHOST", true],
  ["data.localhost", true],
  ["localhost.example.com", false],
  ["127.0.0.1.example.com", false],
  ["0.0.0.0", false],
  ["10.0.0.1", false],
  ["169.254.169.254", false],
  ["::ffff:10.0.0.1", false],
  ["fe80::1", false],
])("isLoopback(%j) is %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
