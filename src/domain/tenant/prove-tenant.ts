import { ServiceError } from "#domain/errors.ts";
import type { Tenants } from "#domain/ports.ts";
import type { Trigger } from "./tenant.ts";
import { isShared, lists, type Proof, type TenantSetup } from "./tenant-setup.ts";

/** Drops the kind of a proof: `caller#sender:AROA…` → `sender:AROA…`. */
export const subjectOf = (proof: Proof): string => proof.slice(proof.indexOf("#") + 1);

/**
 * The one tenant that the proofs of a request lead to. Proofs that no tenant lists say nothing; proofs of two tenants
 * refuse the request, because one of them must be wrong. A proof that the tenant of another one lists is not looked up.
 */
export const proveTenant = async (
  tenants: Tenants,
  proofs: readonly Proof[],
): Promise<{ readonly setup: TenantSetup; readonly proof: Proof }> => {
  const found: { setup: TenantSetup; proof: Proof }[] = [];
  for (const proof of proofs) {
    if (found.some(({ setup }) => !isShared(proof) && lists(setup, proof))) continue;
    for (const setup of await tenants.provedBy(proof)) found.push({ setup, proof });
  }
  const ids = new Set(found.map(({ setup }) => setup.tenant.tenantId));
  const [first] = found;
  if (first !== undefined && ids.size === 1) return first;
  const shown = proofs.map(subjectOf).join(", ") || "nothing";
  const message =
    ids.size === 0
      ? `Cannot tell the tenant: no tenant lists ${shown}: add it to the tenant's file`
      : `Cannot tell the tenant: ${shown} belong to ${ids.size} tenants`;
  throw new ServiceError("ERR_TENANT_UNKNOWN", message);
};

export interface ObjectRef {
  readonly bucket: string;
  /** Decoded, as it is in S3. */
  readonly key: string;
  /** Version id, or the event's sequencer where the bucket has no versions. */
  readonly version: string;
}

export const matchesTrigger = ({ bucket, prefix, suffix }: Trigger, object: { bucket: string; key: string }): boolean =>
  bucket === object.bucket &&
  object.key.startsWith(prefix) &&
  object.key.endsWith(suffix) &&
  object.key.length >= prefix.length + suffix.length;

/** The trigger that an S3 object fires, and whose it is; nothing where no tenant waits for such an object. */
export const triggerOf = async (
  tenants: Tenants,
  object: ObjectRef,
): Promise<{ readonly setup: TenantSetup; readonly trigger: Trigger } | undefined> => {
  // A tenant whose record cannot be read stops its own objects only, and none of them is taken for nobody's.
  const fits = ({ tenant }: TenantSetup) => tenant.triggers.some((trigger) => matchesTrigger(trigger, object));
  const setups = await tenants.provedBy(`bucket#${object.bucket}`, fits);
  const found = setups.flatMap((setup) =>
    setup.tenant.triggers.filter((trigger) => matchesTrigger(trigger, object)).map((trigger) => ({ setup, trigger })),
  );
  if (found.length > 1) {
    const names = found.map(({ setup, trigger }) => `${setup.tenant.tenantId}/${trigger.name}`).join(", ");
    const message = `Cannot tell the tenant of s3://${object.bucket}/${object.key}: triggers ${names} overlap`;
    throw new ServiceError("ERR_TENANT_UNKNOWN", message);
  }
  return found[0];
};
