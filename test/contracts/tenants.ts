import { describe, expect, test } from "vitest";
import type { Tenants } from "#domain/ports.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { tenantSetup } from "#test/helpers/tenant.ts";

export interface TenantsWorld {
  readonly tenants: Tenants;
  /** Replaces what is known of these tenants; reads after it find the new state. */
  replace(setups: readonly TenantSetup[]): Promise<void>;
}

const queueArn = "arn:aws:sqs:us-east-1:123456789012:acme-jobs";
const scheduleArn = "arn:aws:scheduler:us-east-1:123456789012:schedule/default/acme-nightly";

const acme = tenantSetup({
  tenantId: "acme",
  callers: ["sender:AIDAACME", "iam:arn:aws:iam::123456789012:role/team/acme-jobs"],
  queues: [{ arn: queueArn }],
  eventSources: ["acme.jobs"],
  accounts: ["111122223333"],
  triggers: [{ name: "inbox", bucket: "shared-inbox", prefix: "acme/", jobTemplate: "daily" }],
  schedules: [{ arn: scheduleArn, jobTemplate: "daily" }],
});
const beta = tenantSetup({
  tenantId: "beta",
  callers: ["sender:AIDABETA"],
  triggers: [{ name: "inbox", bucket: "shared-inbox", prefix: "beta/", jobTemplate: "daily" }],
});

/** What every store of tenants promises. `open` gives a fresh one that knows these tenants. */
export const tenantsContract = (
  name: string,
  open: (setups: readonly TenantSetup[]) => Promise<TenantsWorld>,
): void => {
  describe(`${name}: byId()`, () => {
    test("hands back a tenant with all that its jobs are planned from", async () => {
      const { tenants } = await open([acme, beta]);
      expect(await tenants.byId("acme")).toEqual(acme);
      expect(await tenants.byId("beta")).toEqual(beta);
    });

    test("finds nothing for a tenant that is not there", async () => {
      const { tenants } = await open([acme]);
      expect(await tenants.byId("nobody")).toBeUndefined();
    });

    test("finds the newest state of a tenant", async () => {
      const { tenants, replace } = await open([acme]);
      await tenants.byId("acme");
      const changed = tenantSetup({ tenantId: "acme", description: "changed" });
      await replace([changed]);
      expect(await tenants.byId("acme")).toEqual(changed);
    });
  });

  describe(`${name}: provedBy()`, () => {
    test.each([
      "caller#sender:AIDAACME",
      "caller#iam:arn:aws:iam::123456789012:role/acme-jobs",
      `queue#${queueArn}`,
      "source#acme.jobs",
      "account#111122223333",
      `schedule#${scheduleArn}`,
    ] as const)("finds the one tenant that lists %s", async (proof) => {
      const { tenants } = await open([acme, beta]);
      expect(await tenants.provedBy(proof)).toEqual([acme]);
    });

    test("finds every tenant that waits for objects of a bucket", async () => {
      const { tenants } = await open([acme, beta]);
      const found = await tenants.provedBy("bucket#shared-inbox");
      expect(found.map(({ tenant }) => tenant.tenantId).sort()).toEqual(["acme", "beta"]);
    });

    test("finds of a bucket's tenants those that fit", async () => {
      const { tenants } = await open([acme, beta]);
      const fits = ({ tenant }: TenantSetup) => tenant.triggers.some(({ prefix }) => prefix === "beta/");
      expect(await tenants.provedBy("bucket#shared-inbox", fits)).toEqual([beta]);
    });

    test("takes a proof as a whole and in its own kind", async () => {
      const { tenants } = await open([acme, beta]);
      for (const proof of ["caller#sender:AIDA", "caller#sender:AIDAACME2", "source#sender:AIDAACME"] as const) {
        expect(await tenants.provedBy(proof)).toEqual([]);
      }
    });

    test("follows a proof that moves to another tenant", async () => {
      const { tenants, replace } = await open([acme, beta]);
      expect(await tenants.provedBy("source#acme.jobs")).toEqual([acme]);
      const without = tenantSetup({ tenantId: "acme" });
      const taker = tenantSetup({ tenantId: "beta", eventSources: ["acme.jobs"] });
      await replace([taker, without]);
      expect(await tenants.provedBy("source#acme.jobs")).toEqual([taker]);
      expect(await tenants.provedBy("caller#sender:AIDAACME")).toEqual([]);
    });
  });
};
