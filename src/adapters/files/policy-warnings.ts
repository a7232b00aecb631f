import * as z from "zod/mini";
import { pointerOf } from "#domain/fault.ts";
import { type PolicyTemplate, policyDocument, policyTemplateSchema } from "#domain/tenant/policy-template.ts";
import { tenantSchema } from "#domain/tenant/tenant.ts";
import { type FileFault, inFileOrder } from "./file-fault.ts";
import { type NameKind, unknownName } from "./service-reference.ts";
import { readSetupFolder, type SetupFile } from "./setup-folder.ts";

interface NamedAt {
  readonly kind: NameKind;
  readonly name: string;
  readonly path: readonly PropertyKey[];
}

const actionsAt = (value: string | readonly string[] | undefined, path: readonly PropertyKey[]): NamedAt[] => {
  if (value === undefined) return [];
  if (typeof value === "string") return [{ kind: "action", name: value, path }];
  return value.map((name, at) => ({ kind: "action", name, path: [...path, at] }));
};

/** Every action and every condition key of a policy document, where it stands. */
const namesInDocument = ({ Statement: written }: PolicyTemplate["document"]): NamedAt[] =>
  (Array.isArray(written) ? written : [written]).flatMap(({ Action, NotAction, Condition = {} }, at) => {
    const path = ["document", "Statement", ...(Array.isArray(written) ? [at] : [])];
    const keys = Object.entries(Condition).flatMap(([operator, block]) =>
      Object.keys(block).map(
        (name): NamedAt => ({ kind: "condition key", name, path: [...path, "Condition", operator, name] }),
      ),
    );
    return [...actionsAt(Action, [...path, "Action"]), ...actionsAt(NotAction, [...path, "NotAction"]), ...keys];
  });

const inPolicyTemplate = (value: unknown): NamedAt[] => {
  const { data } = z.safeParse(policyTemplateSchema, value);
  if (data === undefined) return [];
  const shared = data.shared.flatMap((entry, at) => actionsAt(entry.actions, ["shared", at, "actions"]));
  return [...namesInDocument(data.document), ...shared];
};

/** A managed policy in a form that is not ours is IAM's own matter. */
const inManagedPolicy = (value: unknown): NamedAt[] => {
  const { data } = z.safeParse(z.object({ document: policyDocument }), value);
  return data === undefined ? [] : namesInDocument(data.document);
};

/** What a tenant acknowledges; the rest of its file may have faults. */
const inTenant = (value: unknown): NamedAt[] => {
  const { data } = z.safeParse(z.object({ policy: tenantSchema.shape.policy }), value);
  return (data?.policy.acknowledged ?? []).map(({ action: name }, at) => {
    return { kind: "action", name, path: ["policy", "acknowledged", at, "action"] };
  });
};

const warningsOf = async (
  { path: file, yaml: { document } }: SetupFile,
  namesIn: (value: unknown) => readonly NamedAt[],
): Promise<FileFault[]> => {
  if (document === undefined) return [];
  const warnings: FileFault[] = [];
  for (const named of namesIn(document.value)) {
    const message = await unknownName(named.kind, named.name);
    if (message === undefined) continue;
    const pointer = pointerOf(named.path);
    const part = named.kind === "action" ? "value" : "key";
    warnings.push({ file, pointer, ...document.position(pointer, part), message });
  }
  return warnings;
};

/**
 * Actions and condition keys of policy templates and managed policies, and actions that tenants acknowledge, that AWS's
 * Service Authorization Reference does not have. IAM takes them, and they never match: an Allow gives less than it says, and
 * a Deny takes nothing. They are no faults, for AWS may have them since the reference was read.
 */
export const readPolicyWarnings = async (directory: string): Promise<FileFault[]> => {
  const { policies, managedPolicies, tenants } = await readSetupFolder(directory);
  const warnings = await Promise.all([
    ...policies.map((file) => warningsOf(file, inPolicyTemplate)),
    ...managedPolicies.map((file) => warningsOf(file, inManagedPolicy)),
    ...tenants.map((file) => warningsOf(file, inTenant)),
  ]);
  return inFileOrder(warnings.flat());
};
