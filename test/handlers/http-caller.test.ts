import { describe, expect, test } from "vitest";
import { call, doors, startedFor } from "./doors.ts";
import {
  type Asked,
  formatOneEvent,
  functionUrlEvent,
  httpApiEvent,
  jwtOf,
  nightly,
  restEvent,
} from "./http-events.ts";
import { ofAcme, ofGlobex } from "./tenants.ts";

const sessionOf = (roleArn: string, session: string): string =>
  `${roleArn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/${session}`;

const body = nightly;

describe("httpHandler() believes who AWS says has called", () => {
  test.each([
    [
      "a JWT's client of an HTTP API",
      httpApiEvent({ body, authorizer: jwtOf(ofAcme.client) }),
      "jwt:client_id=acme-app",
    ],
    [
      "a JWT's subject of an HTTP API, with scopes absent",
      httpApiEvent({ body, authorizer: { jwt: { claims: { sub: ofAcme.subject }, scopes: null } } }),
      "jwt:sub=acme-subject",
    ],
    [
      "a Cognito token of a REST API",
      restEvent({ body, authorizer: { claims: { sub: ofAcme.subject } } }),
      "jwt:sub=acme-subject",
    ],
    [
      "claims in format 1.0",
      formatOneEvent({ body, authorizer: { claims: { sub: ofAcme.subject }, scopes: null } }),
      "jwt:sub=acme-subject",
    ],
    [
      "a Lambda authorizer of an HTTP API",
      httpApiEvent({ body, authorizer: { lambda: { principalId: ofAcme.principal } } }),
      "lambda:principalId=acme-principal",
    ],
    [
      "a Lambda authorizer of a REST API",
      restEvent({ body, authorizer: { principalId: ofAcme.principal, integrationLatency: 79 } }),
      "lambda:principalId=acme-principal",
    ],
    [
      "an IAM user of a REST API",
      restEvent({ body, identity: { userArn: ofAcme.userArn } }),
      "iam:arn:aws:iam::111122223333:user/teams/acme-robot",
    ],
    [
      "an IAM role's session at a function URL, without its role's path",
      functionUrlEvent({ body, userArn: sessionOf(ofAcme.roleArn, "nightly@host") }),
      "iam:arn:aws:iam::111122223333:role/acme-runner",
    ],
    [
      "an IAM role's session at a REST API",
      restEvent({ body, identity: { userArn: sessionOf(ofAcme.roleArn, ofGlobex.roleArn) } }),
      "iam:arn:aws:iam::111122223333:role/acme-runner",
    ],
  ])("%s", async (_name, event, caller) => {
    const parts = doors();
    const answer = await call(parts, event);
    expect(answer).toMatchObject({ statusCode: 201, json: { tenantId: "acme", caller } });
    expect(startedFor(parts)).toEqual(["acme"]);
  });
});

const unproven = { code: "ERR_CALLER_UNPROVEN", status: 401 };

describe("httpHandler() answers 401 where AWS proved nobody", () => {
  test.each([
    ["an HTTP API without an authorizer", httpApiEvent({ body, authorizer: undefined })],
    ["a Lambda authorizer without a context", httpApiEvent({ body, authorizer: { lambda: null } })],
    ["an authorizer that is null", httpApiEvent({ body, authorizer: null })],
    ["a REST API without an authorizer", restEvent({ body })],
    ["claims that are null", formatOneEvent({ body, authorizer: { claims: null, scopes: null } })],
    ["a public function URL", functionUrlEvent({ body })],
    ["claims of other names", httpApiEvent({ body, authorizer: { jwt: { claims: { client: ofAcme.client } } } })],
    ["a claim that is no text", httpApiEvent({ body, authorizer: { jwt: { claims: { sub: [ofAcme.subject] } } } })],
    ["claims that are a text", restEvent({ body, authorizer: { claims: `{"sub":"${ofAcme.subject}"}` } })],
    ["an empty principal", restEvent({ body, authorizer: { principalId: "" }, identity: { userArn: "" } })],
    ["a body that is no JSON either", httpApiEvent({ body: "{", authorizer: undefined })],
    [
      "a body of a wrong type either",
      httpApiEvent({ body: "x", authorizer: null, headers: { "content-type": "text/plain" } }),
    ],
    [
      "nobody who asks for a submission",
      httpApiEvent({ method: "GET", path: "/v1/submissions/new.id-1", authorizer: null }),
    ],
  ])("%s", async (_name, event) => {
    const parts = doors();
    const answer = await call(parts, event);
    expect(answer).toMatchObject({
      statusCode: 401,
      headers: { "content-type": "application/problem+json" },
      json: unproven,
    });
    expect(answer.json.detail).toBe("Cannot tell the caller: the request carries no identity that API Gateway proved");
    expect(startedFor(parts)).toEqual([]);
  });
});

const forgeries: readonly (readonly [string, Asked])[] = [
  [
    "headers",
    { headers: { "x-tenant-id": "acme", "x-amzn-oidc-identity": ofAcme.subject, "x-api-client": ofAcme.client } },
  ],
  [
    "a bearer token that nobody checked",
    {
      headers: {
        authorization: `Bearer e30.${Buffer.from(`{"client_id":"${ofAcme.client}"}`).toString("base64url")}.x`,
      },
    },
  ],
  ["the query", { query: { tenantId: "acme", client_id: ofAcme.client } }],
  ["the path", { path: "/acme/v1/submissions" }],
  ["a request context in the body", { body: { ...nightly, requestContext: { authorizer: jwtOf(ofAcme.client) } } }],
];

describe("httpHandler() believes no tenant from", () => {
  test.each(forgeries)("%s, where nobody is proved", async (_name, forged) => {
    const parts = doors();
    expect(await call(parts, httpApiEvent({ body, ...forged, authorizer: undefined }))).toMatchObject({
      statusCode: 401,
      json: unproven,
    });
    expect(startedFor(parts)).toEqual([]);
  });

  test.each(forgeries)("%s, where another tenant is proved", async (_name, forged) => {
    const parts = doors();
    await call(parts, httpApiEvent({ body, ...forged, authorizer: jwtOf(ofGlobex.client) }));
    expect(startedFor(parts)).not.toContain("acme");
  });
});

describe("httpHandler() answers 403", () => {
  test("to a caller whom no tenant lists, and tells how to list them", async () => {
    const answer = await call(doors(), httpApiEvent({ body, authorizer: jwtOf("stranger") }));
    expect(answer).toMatchObject({
      statusCode: 403,
      json: { code: "ERR_TENANT_UNKNOWN", title: "No tenant lists this caller" },
    });
    expect(answer.json.detail).toBe(
      "Cannot tell the tenant: no tenant lists jwt:client_id=stranger: add it to the tenant's file",
    );
  });

  test("to proofs of two tenants, and names neither", async () => {
    const parts = doors();
    const answer = await call(
      parts,
      httpApiEvent({ body, authorizer: jwtOf(ofAcme.client, { sub: ofGlobex.subject }) }),
    );
    expect(answer.statusCode).toBe(403);
    expect(answer.json.detail).toBe(
      "Cannot tell the tenant: jwt:client_id=acme-app, jwt:sub=globex-subject belong to 2 tenants",
    );
    expect(startedFor(parts)).toEqual([]);
  });

  test("to a body that names another tenant, whether that one exists or not", async () => {
    const parts = doors();
    for (const tenantId of ["globex", "nobody"]) {
      const answer = await call(parts, httpApiEvent({ body: { ...nightly, tenantId } }));
      expect(answer.statusCode).toBe(403);
      expect(answer.json).toMatchObject({
        code: "ERR_TENANT_MISMATCH",
        errors: [
          {
            pointer: "/tenantId",
            detail: `must be "acme", the tenant that the caller is proved to be, or absent: current value is "${tenantId}"`,
          },
        ],
      });
    }
    expect(startedFor(parts)).toEqual([]);
  });

  test.each([
    ["a user of the name of a role", ofAcme.roleArn.replace(":role/", ":user/")],
    ["a role of the same name in another account", ofAcme.roleArn.replace("111122223333", "999999999999")],
    ["a role whose session has the name of a listed one", sessionOf("arn:aws:iam::999999999999:role/x", "acme-runner")],
    ["a federated user of the name of a role", "arn:aws:sts::111122223333:federated-user/acme-runner"],
    ["the account's root", "arn:aws:iam::111122223333:root"],
  ])("to %s", async (_name, userArn) => {
    const answer = await call(doors(), functionUrlEvent({ body, userArn }));
    expect(answer).toMatchObject({ statusCode: 403, json: { code: "ERR_TENANT_UNKNOWN" } });
  });

  test("to a claim of one kind that is listed as another", async () => {
    const claims = { sub: `x,client_id=${ofAcme.client}`, client_id: `sub=${ofAcme.subject}` };
    const answer = await call(doors(), httpApiEvent({ body, authorizer: { jwt: { claims } } }));
    expect(answer).toMatchObject({ statusCode: 403, json: { code: "ERR_TENANT_UNKNOWN" } });
  });
});

describe("httpHandler() keeps the keys of tenants apart", () => {
  test("so that one tenant's key neither finds nor blocks another's", async () => {
    const parts = doors();
    const sent = (client: string) =>
      httpApiEvent({ body, headers: { "idempotency-key": "1" }, authorizer: jwtOf(client) });
    const first = await call(parts, sent(ofAcme.client));
    const second = await call(parts, sent(ofGlobex.client));
    expect(second.statusCode).toBe(201);
    expect(second.headers).not.toHaveProperty("idempotent-replayed");
    expect(second.json.submissionId).not.toBe(first.json.submissionId);
    expect(startedFor(parts)).toEqual(["acme", "globex"]);
  });

  test("so that a request id that looks like another tenant's submission reaches none", async () => {
    const parts = doors();
    const { json } = await call(parts, httpApiEvent({ body }));
    const aimed = httpApiEvent({
      body: { ...nightly, requestId: json.submissionId },
      authorizer: jwtOf(ofGlobex.client),
    });
    const answer = await call(parts, aimed);
    expect(answer.json).toMatchObject({ tenantId: "globex", state: "started" });
    expect(answer.json.submissionId).not.toBe(json.submissionId);
  });
});
