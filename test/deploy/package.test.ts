import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { functionNames } from "../../build.ts";
import { at, fieldsOf, type Value } from "./serverless-file.ts";

const repository = join(import.meta.dirname, "..", "..");
const serverless = join(repository, "node_modules", "serverless", "bin", "serverless.js");

let directory = "";
let packaged = "";

/** Packages a copy, with no credentials and nowhere to find any. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-package-"));
  for (const name of ["serverless.yml", "infra", "dist"]) {
    await cp(join(repository, name), join(directory, name), { recursive: true });
  }
  packaged = await packageInto(".serverless");
}, 60_000);

const packageInto = async (folder: string, ...params: string[]): Promise<string> => {
  const env = { PATH: process.env["PATH"], HOME: directory };
  const args = [serverless, "package", "--package", folder, ...params.map((param) => `--param=${param}`)];
  await promisify(execFile)(process.execPath, args, { cwd: directory, env });
  return join(directory, folder);
};

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

const template = async (folder = packaged): Promise<Value> =>
  JSON.parse(await readFile(join(folder, "cloudformation-template-update-stack.json"), "utf8"));

/** Names of a zip's files, from its central directory (PKWARE's APPNOTE.TXT, 4.3.12). */
const namesIn = async (path: string): Promise<string[]> => {
  const zip = await readFile(path);
  const names: string[] = [];
  const header = Buffer.from("PK\u0001\u0002", "latin1");
  for (let from = zip.indexOf(header); from !== -1; from = zip.indexOf(header, from + 46)) {
    names.push(zip.toString("utf8", from + 46, from + 46 + zip.readUInt16LE(from + 28)));
  }
  return names;
};

it("packages each function with its own files", async () => {
  for (const name of functionNames) {
    const chunks = await readdir(join(repository, "dist", "functions", "shared", name));
    const files = [`${name}.mjs`, ...chunks.map((file) => `shared/${name}/${file}`)].map(
      (file) => `dist/functions/${file}`,
    );
    expect((await namesIn(join(packaged, `${name}.zip`))).sort()).toEqual(files.sort());
  }
});

it("lets only this API and the schedules invoke the functions", async () => {
  const permissions = Object.values(fieldsOf(at(await template(), "Resources"))).filter(
    (resource) => at(resource, "Type") === "AWS::Lambda::Permission",
  );
  const invokers = permissions.map((permission) => [
    at(permission, "Properties", "Principal"),
    typeof at(permission, "Properties", "SourceArn"),
  ]);
  expect(invokers.toSorted()).toEqual([
    ["apigateway.amazonaws.com", "object"],
    ["events.amazonaws.com", "object"],
    ["events.amazonaws.com", "object"],
  ]);
});

it("makes no role but those that serverless.yml names", async () => {
  const roles = Object.entries(fieldsOf(at(await template(), "Resources"))).filter(
    ([, resource]) => at(resource, "Type") === "AWS::IAM::Role",
  );
  expect(roles.map(([id]) => id).sort()).toEqual([
    "DispatchRole",
    "EventsRole",
    "HttpRole",
    "JobRunChangedRole",
    "QueueRole",
    "ReconcileRole",
  ]);
});

it("makes the webhook where it is asked for, and its key is in no template", async () => {
  // This takes the folder of the default away.
  const folder = await packageInto("with-webhook", "webhook=on", "webhookUrl=https://hooks.example.com/sluice");
  const resources = fieldsOf(at(await template(folder), "Resources"));
  expect(at(resources["WebhookDestination"], "Properties", "InvocationEndpoint")).toBe(
    "https://hooks.example.com/sluice",
  );
  expect(at(resources["WebhookRule"], "Properties", "EventPattern")).toEqual({
    source: ["sluice"],
    "detail-type": ["Submission Completed", "Submission Refused"],
    detail: { data: { tenantId: [{ exists: true }] } },
  });
  const parameters = at(resources["WebhookConnection"], "Properties", "AuthParameters", "ApiKeyAuthParameters");
  expect(at(parameters, "ApiKeyValue")).toBe("{{resolve:secretsmanager:sluice/webhook:SecretString:apiKey}}");
}, 60_000);
