import { once } from "node:events";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { AwsRequest, AwsResponse, AwsService } from "#local/aws-service.ts";
import { type EndpointOptions, startEndpoint } from "#local/endpoint.ts";

const scope = (principal: string, service: string) =>
  `Credential=${principal}/20261122/eu-west-1/${service}/aws4_request`;
const signed = (service: string, principal = "acme") => ({
  authorization: `AWS4-HMAC-SHA256 ${scope(principal, service)}, SignedHeaders=host, Signature=00`,
});

/** A service that keeps what it is asked and answers with its name. */
function recorder(name: string, answer: Partial<AwsResponse> = {}) {
  const requests: AwsRequest[] = [];
  const service: AwsService = {
    handle: async (request) => {
      requests.push(request);
      return { status: 200, headers: {}, body: name, ...answer };
    },
  };
  return { service, requests };
}

async function start(options: Partial<EndpointOptions> & Pick<EndpointOptions, "services">) {
  const endpoint = await startEndpoint({ port: 0, ...options });
  onTestFinished(() => endpoint.end());
  return endpoint;
}

test("startEndpoint() routes by the service of the signature", async () => {
  const [sqs, emr] = [recorder("sqs"), recorder("emr-serverless")];
  const { url } = await start({ services: { sqs: sqs.service, "emr-serverless": emr.service } });
  const answer = await fetch(`${url}/applications/00f1/jobruns?maxResults=5`, { headers: signed("emr-serverless") });
  expect(await answer.text()).toBe("emr-serverless");
  expect(sqs.requests).toEqual([]);
  expect(emr.requests[0]).toMatchObject({ method: "GET", path: "/applications/00f1/jobruns", region: "eu-west-1" });
  expect(emr.requests[0]?.query.get("maxResults")).toBe("5");
});

test("startEndpoint() takes the access key id of the signature for the principal", async () => {
  const s3 = recorder("s3");
  const { url } = await start({ services: { s3: s3.service } });
  await fetch(url, { headers: signed("s3", "globex") });
  await fetch(`${url}/data/key?X-Amz-Credential=${encodeURIComponent("initech/20261122/us-east-1/s3/aws4_request")}`);
  await fetch(`${url}/data/key`);
  expect(s3.requests.map(({ principal }) => principal)).toEqual(["globex", "initech", "anonymous"]);
});

test("startEndpoint() leaves the path as it came and gives the body whole", async () => {
  const s3 = recorder("s3");
  const { url } = await start({ services: { s3: s3.service } });
  await fetch(`${url}/data/a%20b%2Fc%2B`, { method: "PUT", body: "héllo" });
  expect(s3.requests[0]).toMatchObject({ method: "PUT", path: "/data/a%20b%2Fc%2B", body: Buffer.from("héllo") });
});

test("startEndpoint() answers an unknown service with the names it has", async () => {
  const { url } = await start({ services: { s3: recorder("s3").service, sqs: recorder("sqs").service } });
  const json = await fetch(url, { headers: signed("lambda") });
  expect(json.status).toBe(404);
  expect(await json.json()).toMatchObject({
    __type: "UnknownService",
    message: 'This endpoint has no service "lambda": it has s3, sqs.',
  });
  const form = { ...signed("sts"), "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  const xml = await fetch(url, { method: "POST", headers: form, body: "Action=GetCallerIdentity" });
  expect(await xml.text()).toContain("<ErrorResponse><Error><Code>UnknownService</Code>");
});

test("startEndpoint() refuses a credential scope that it cannot read", async () => {
  const { url } = await start({ services: { s3: recorder("s3").service } });
  const answer = await fetch(url, { headers: { authorization: "AWS acme:signature" } });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain("<Code>AuthorizationHeaderMalformed</Code>");
});

test("startEndpoint() does not take a name of Object.prototype for a service", async () => {
  const { url } = await start({ services: { s3: recorder("s3").service } });
  const answer = await fetch(url, { headers: signed("constructor") });
  expect(answer.status).toBe(404);
});

test("startEndpoint() drops the connection for a response with status 0", async () => {
  const sqs = recorder("sqs", { status: 0 });
  const { url } = await start({ services: { sqs: sqs.service } });
  await expect(fetch(url, { headers: signed("sqs") })).rejects.toThrow("fetch failed");
  expect(sqs.requests.length).toBe(1);
});

test("startEndpoint() refuses a body over its limit", async () => {
  const s3 = recorder("s3");
  const { url } = await start({ services: { s3: s3.service }, maxBodyBytes: 10 });
  const answer = await fetch(url, { method: "PUT", body: "12345678901" });
  expect(answer.status).toBe(413);
  expect(await answer.text()).toContain("<Code>EntityTooLarge</Code>");
  expect(s3.requests).toEqual([]);
});

test("startEndpoint() answers a fault of a service with a 500 and reports it", async () => {
  const fault = new Error("out of order");
  const reported: unknown[] = [];
  const { url } = await start({
    services: { sqs: { handle: () => Promise.reject(fault) } },
    onError: (error, { method }) => reported.push([method, error]),
  });
  const answer = await fetch(url, { method: "POST", headers: signed("sqs") });
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("out of order");
  expect(reported).toEqual([["POST", fault]]);
});

test("startEndpoint() names the flag when its port is taken", async () => {
  const first = await start({ services: {} });
  await expect(startEndpoint({ port: first.port, services: {} })).rejects.toThrow(
    `Cannot listen on 127.0.0.1:${first.port}: the port is taken: choose another with --aws-port`,
  );
});

test("startEndpoint() listens on loopback only", async () => {
  const { url, port } = await start({ services: {} });
  expect(url).toBe(`http://127.0.0.1:${port}`);
  const socket = connect(port, "::1");
  const [error] = await once(socket, "error");
  expect(error.code).toMatch(/ECONNREFUSED|EADDRNOTAVAIL|EAFNOSUPPORT/);
});

test("end() closes kept-alive connections and frees the port", async () => {
  const endpoint = await startEndpoint({ port: 0, services: {} });
  const socket = connect(endpoint.port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const closed = once(socket, "close");
  await endpoint.end();
  await closed;
  const again = await startEndpoint({ port: endpoint.port, services: {} });
  await again.end();
});
