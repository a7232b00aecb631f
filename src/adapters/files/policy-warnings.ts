import * as z from "zod/mini";
import { pointerOf } from "#domain/fault.ts";
import { type PolicyTemplate, policyTemplateSchema } from "#domain/tenant/policy-template.ts";
import { type FileFault, inFileOrder } from "./file-fault.ts";
import { referenceDay, type UnknownName, unknownAction, unknownConditionKey } from "./service-reference.ts";
import { readSetupFolder, type SetupFile } from "./setup-folder.ts";

interface NamedAt {
  readonly kind: "action" | "condition key";
  readonly name: string;
  readonly path: readonly PropertyKey[];
}

const actionsAt = (value: string | readonly string[] | undefined, path: readonly PropertyKey[]): NamedAt[] => {
  if (value === undefined) return [];
  if (typeof value === "string") return [{ kind: "action", name: value, path }];
  return value.map((name, at) => ({ kind: "action", name, path: [...path, at] }));
};

/** Every action and every condition key of a policy template, where it stands. */
const namesIn = ({ document: { Statement: written }, shared }: PolicyTemplate): NamedAt[] => [
  ...(Array.isArray(written) ? written : [written]).flatMap(({ Action, NotAction, Condition = {} }, at) => {
    const path = ["document", "Statement", ...(Array.isArray(written) ? [at] : [])];
    const keys = Object.entries(Condition).flatMap(([operator, block]) =>
      Object.keys(block).map(
        (name): NamedAt => ({ kind: "condition key", name, path: [...path, "Condition", operator, name] }),
      ),
    );
    return [...actionsAt(Action, [...path, "Action"]), ...actionsAt(NotAction, [...path, "NotAction"]), ...keys];
  }),
  ...shared.flatMap((entry, at) => actionsAt(entry.actions, ["shared", at, "actions"])),
];

const messageOf = ({ kind, name }: NamedAt, { meant }: UnknownName, day: string): string => {
  const suggestion = meant === undefined ? "check its spelling" : `did you mean "${meant}"?`;
  return `names no ${kind} that AWS had on ${day}, "${name}": ${suggestion}`;
};

const warningsOf = async ({ path: file, yaml: { document } }: SetupFile, day: string): Promise<FileFault[]> => {
  const parsed = z.safeParse(policyTemplateSchema, document?.value);
  if (document === undefined || !parsed.success) return [];
  const warnings: FileFault[] = [];
  for (const named of namesIn(parsed.data)) {
    const found = await (named.kind === "action" ? unknownAction(named.name) : unknownConditionKey(named.name));
    if (found === undefined) continue;
    const pointer = pointerOf(named.path);
    const part = named.kind === "action" ? "value" : "key";
    warnings.push({ file, pointer, ...document.position(pointer, part), message: messageOf(named, found, day) });
  }
  return warnings;
};

/**
 * Actions and condition keys of the policy templates that AWS's Service Authorization Reference does not have. IAM takes
 * them, and they never match: an Allow gives less than it says, and a Deny takes nothing. They are no faults, for AWS may
 * have them since the reference was read.
 */
export const readPolicyWarnings = async (directory: string): Promise<FileFault[]> => {
  const [{ policies }, day] = [await readSetupFolder(directory), await referenceDay()];
  const warnings = await Promise.all(policies.map((file) => warningsOf(file, day)));
  return inFileOrder(warnings.flat());
};
