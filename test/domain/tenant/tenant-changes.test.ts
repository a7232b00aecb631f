import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fieldChanges } from "#domain/tenant/field-changes.ts";
import { isSame } from "#domain/tenant/same.ts";
import { mayGrow, tenantChange, touchedTemplates } from "#domain/tenant/tenant-changes.ts";
import { sampleJobTemplate, sampleSetup } from "#test/helpers/setup.ts";

const trigger = { name: "inbox", bucket: "inbox", prefix: "acme/", jobTemplate: "nightly" };

describe("fieldChanges()", () => {
  test("names a field as its file does, and entries of a list by what they are", () => {
    const before = {
      limits: { maxActive: 25, weight: 1 },
      triggers: [trigger],
      callers: ["a", "b"],
      tags: { team: "x" },
    };
    const after = {
      limits: { weight: 1, maxActive: 5 },
      triggers: [
        { ...trigger, name: "second" },
        { ...trigger, prefix: "acme/in/" },
      ],
      callers: ["b", "c"],
    };
    expect(fieldChanges(before, after)).toEqual([
      { field: "limits.maxActive", from: 25, to: 5 },
      { field: "triggers[inbox].prefix", from: "acme/", to: "acme/in/" },
      { field: "triggers[second].name", to: "second" },
      { field: "triggers[second].bucket", to: "inbox" },
      { field: "triggers[second].prefix", to: "acme/" },
      { field: "triggers[second].jobTemplate", to: "nightly" },
      { field: "callers", from: "a" },
      { field: "callers", to: "c" },
      { field: "tags.team", from: "x" },
    ]);
  });

  test("tells lists whose order means something as a whole", () => {
    const change = { field: "entryPointArguments", from: ["a", "b"], to: ["b", "a"] };
    expect(fieldChanges({ entryPointArguments: ["a", "b"] }, { entryPointArguments: ["b", "a"] })).toEqual([change]);
    expect(fieldChanges({ forbidden: ["a", "b"] }, { forbidden: ["b", "a"] })).toHaveLength(1);
  });

  test("takes an absent field and an empty one for the same", () => {
    expect(fieldChanges({ callers: [], tags: {}, spark: { default: {} } }, {})).toEqual([]);
  });

  test("finds something exactly where two documents differ in more than empty fields", () => {
    const documents = fc.jsonValue({ maxDepth: 3 });
    const property = fc.property(documents, documents, (one, other) => {
      expect(fieldChanges(one, one)).toEqual([]);
      if (isSame(one, other)) expect(fieldChanges(one, other)).toEqual([]);
      // A field beside them keeps both from being empty.
      const changes = fieldChanges({ kept: 1, value: [one, 0] }, { kept: 1, value: [other, 0] });
      expect(changes.length > 0).toBe(!isSame(one, other));
    });
    fc.assert(property, { numRuns: 500 });
  });
});

describe("tenantChange()", () => {
  const before = sampleSetup({ tenant: { callers: ["sender:A"], triggers: [trigger] } });

  test("says that nothing changes where nothing does, whatever the order of keys", () => {
    const turned = JSON.parse(
      JSON.stringify({ proof: before.proof, jobTemplates: before.jobTemplates, tenant: before.tenant }),
    );
    const change = tenantChange("acme", before, { ...turned, policyTemplate: before.policyTemplate });
    expect(change).toMatchObject({ change: "unchanged", fields: [], permissions: [], templates: [] });
  });

  test("tells the proofs that are gained and lost", () => {
    const after = sampleSetup({ tenant: { callers: ["sender:B"], triggers: [trigger], eventSources: ["acme.jobs"] } });
    expect(tenantChange("acme", before, after).proofs).toEqual({
      gained: ["caller#sender:B", "source#acme.jobs"],
      lost: ["caller#sender:A"],
    });
    expect(tenantChange("acme", undefined, before).proofs.gained).toEqual(["caller#sender:A", "bucket#inbox"]);
    expect(tenantChange("acme", before, undefined)).toMatchObject({
      change: "delete",
      proofs: { lost: ["caller#sender:A", "bucket#inbox"] },
    });
  });

  test("tells permissions as the tenant gets them, by its own variables", () => {
    const after = sampleSetup({
      tenant: {
        callers: ["sender:A"],
        triggers: [trigger],
        policy: { template: "own-prefix", variables: { bucket: "lake" } },
      },
    });
    const change = tenantChange("acme", before, after);
    expect(change.permissions).toEqual([
      {
        ...{ statement: "statement 1", effect: "Allow", change: "changed", direction: "grows or shrinks" },
        parts: [
          { part: "Resource", change: "removed", value: "arn:aws:s3:::data/acme/*", direction: "shrinks" },
          { part: "Resource", change: "added", value: "arn:aws:s3:::lake/acme/*", direction: "grows" },
        ],
      },
    ]);
    expect(mayGrow(change)).toBe(true);
  });

  test("takes another managed policy, and another role, for more", () => {
    const policy = { template: "own-prefix", variables: { bucket: "data" } };
    const managed = { ...policy, managedPolicyArns: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"] };
    const own = { callers: ["sender:A"], triggers: [trigger] };
    const more = tenantChange("acme", before, sampleSetup({ tenant: { ...own, policy: managed } }));
    expect(more.permissions).toMatchObject([
      { statement: "managed policy arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", direction: "grows" },
    ]);
    const executionRoleArn = "arn:aws:iam::111122223333:role/another";
    const role = tenantChange("acme", before, sampleSetup({ tenant: { ...own, executionRoleArn } }));
    expect([role.permissions, mayGrow(role)]).toEqual([[], true]);
    const fewer = tenantChange("acme", before, sampleSetup({ tenant: { triggers: [trigger] } }));
    expect(mayGrow(fewer)).toBe(false);
  });
});

test("touchedTemplates() tells of a changed template whom it touches", () => {
  const template = sampleJobTemplate({ tags: { job: "nightly" } });
  const changes = ["acme", "beta", "gamma"].map((tenantId) =>
    tenantChange(
      tenantId,
      sampleSetup({ tenant: { tenantId } }),
      sampleSetup({ tenant: { tenantId }, ...(tenantId !== "beta" && { jobTemplates: [template] }) }),
    ),
  );
  expect(touchedTemplates(changes)).toEqual([
    {
      ...{ kind: "job template", name: "nightly", change: "changed", tenantIds: ["acme", "gamma"] },
      fields: [{ field: "tags.job", to: "nightly" }],
    },
  ]);
});

test("tenantChange() names the statements of the template, also those that are sent as one", () => {
  const resource = "arn:aws:s3:::{{variables.bucket}}/{{tenant.id}}/*";
  const statement = (Sid: string, Action: string) => ({ Sid, Effect: "Allow", Action, Resource: resource });
  const [read, write] = [statement("Read", "s3:GetObject"), statement("Write", "s3:PutObject")];
  const setupOf = (...Statement: readonly object[]) =>
    sampleSetup({ policyTemplate: { document: { Version: "2012-10-17", Statement } } });
  expect(tenantChange("acme", setupOf(read, write), setupOf(read)).permissions).toMatchObject([
    { statement: "Write", change: "removed", direction: "shrinks" },
  ]);
});
