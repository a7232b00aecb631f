import { describe, expect, test } from "vitest";
import { memoryTenants } from "#adapters/memory/memory-tenants.ts";
import { proveTenant } from "#domain/tenant/prove-tenant.ts";
import type { Proof } from "#domain/tenant/tenant-setup.ts";
import { tenantSetup } from "#test/helpers/tenant.ts";

const queueArn = "arn:aws:sqs:us-east-1:123456789012:acme-jobs";
const acme = tenantSetup({ tenantId: "acme", queues: [{ arn: queueArn }], callers: ["sender:AIDAACME"] });
const beta = tenantSetup({ tenantId: "beta", callers: ["sender:AIDABETA"] });

/** Tenants, with the proofs that were looked up. */
const watched = () => {
  const tenants = memoryTenants([acme, beta]);
  const asked: Proof[] = [];
  const provedBy: typeof tenants.provedBy = async (proof, fits) => {
    asked.push(proof);
    return await tenants.provedBy(proof, fits);
  };
  return { tenants: { ...tenants, provedBy }, asked };
};

describe("proveTenant()", () => {
  test("goes by the first proof that a tenant lists", async () => {
    const { tenants } = watched();
    expect(await proveTenant(tenants, ["caller#sender:AIDAOTHER", "caller#sender:AIDABETA"])).toEqual({
      setup: beta,
      proof: "caller#sender:AIDABETA",
    });
  });

  test("looks a proof up only where the tenant that is found already does not list it", async () => {
    const { tenants, asked } = watched();
    const proofs = [`queue#${queueArn}`, "caller#sender:AIDAACME"] as const;
    expect(await proveTenant(tenants, proofs)).toEqual({ setup: acme, proof: proofs[0] });
    expect(asked).toEqual([proofs[0]]);
    await proveTenant(tenants, [proofs[0], "caller#sender:AIDAOTHER"]);
    expect(asked).toEqual([proofs[0], proofs[0], "caller#sender:AIDAOTHER"]);
  });

  test("refuses proofs of two tenants, and proofs of none", async () => {
    const { tenants } = watched();
    const of = async (...proofs: Proof[]) => await proveTenant(tenants, proofs);
    const unknown = { code: "ERR_TENANT_UNKNOWN" };
    await expect(of(`queue#${queueArn}`, "caller#sender:AIDABETA")).rejects.toMatchObject(unknown);
    await expect(of(`queue#${queueArn}`, "caller#sender:AIDAACME", "caller#sender:AIDABETA")).rejects.toMatchObject(
      unknown,
    );
    await expect(of("caller#sender:AIDAOTHER")).rejects.toMatchObject(unknown);
    await expect(of()).rejects.toMatchObject(unknown);
  });
});
