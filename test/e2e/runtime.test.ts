import { createServer } from "node:net";
import { expect, it } from "vitest";
import { readFlags } from "#local/flags.ts";
import { startLocal } from "#local/runtime/start.ts";
import { startWorld } from "./local-world.ts";

const listen = async (): Promise<{ port: number; end: () => Promise<void> }> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { port: address.port, end: () => new Promise((resolve) => server.close(() => resolve())) };
};

it("names the flag that helps where a port is taken, and leaves nothing behind", async () => {
  const taken = await listen();
  const options = { directory: process.cwd(), logLevel: "FATAL" };
  await expect(startLocal({ ...options, port: taken.port, awsPort: 0 })).rejects.toThrow(
    `Cannot listen on 127.0.0.1:${taken.port}: the port is taken: choose another with --port`,
  );
  await expect(startLocal({ ...options, port: 0, awsPort: taken.port })).rejects.toThrow(
    "choose another with --aws-port",
  );
  await taken.end();
  const world = await startWorld({ port: taken.port });
  await world.local.end();
});

it("frees its ports and the environment when it ends", async () => {
  const before = process.env["AWS_ENDPOINT_URL"];
  const first = await startWorld();
  const port = Number(new URL(first.local.apiUrl).port);
  const awsPort = Number(new URL(first.local.awsUrl).port);
  await first.local.end();
  expect(process.env["AWS_ENDPOINT_URL"]).toBe(before);
  const second = await startWorld({ port, awsPort });
  const { status } = await second.request("POST", "/v1/submissions", "acme", {
    jobDriver: { sparkSubmit: { entryPoint: "s3://acme-jobs/again.py" } },
  });
  await second.local.end();
  expect(status).toBe(201);
});

it("reaches no host but this one", async () => {
  const world = await startWorld();
  await expect(fetch("http://192.0.2.1/")).rejects.toMatchObject({
    cause: {
      message: expect.stringContaining('Cannot connect to "192.0.2.1": the local runtime talks to 127.0.0.1 only'),
    },
  });
  await world.local.end();
});

it("lists every fault of its flags at once", () => {
  expect(readFlags(["--port", "x", "--lose-events", "2", "--start-rate", "5"])).toEqual({
    verdict: "refused",
    faults: [
      '--port must be a port from 0 to 65535: current value is "x"',
      '--lose-events must be a number from 0 to 1: current value is "2"',
      '--start-rate must be calls a second and a burst, like "1/25": current value is "5"',
    ],
  });
  expect(readFlags(["--start-rate", "0.5/10"])).toMatchObject({ flags: { startRate: { perSecond: 0.5, burst: 10 } } });
  expect(readFlags(["--prot", "1"])).toMatchObject({ verdict: "refused", faults: [expect.stringContaining("--prot")] });
});
