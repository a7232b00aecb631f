import type { Item, ItemChange } from "./ledger-items.ts";
import { submissionKey } from "./submission-item.ts";

/** One conditional update of one submission. */
export type Change = ItemChange & { readonly submissionId: string };

/** `state` is a reserved word (Amazon DynamoDB Developer Guide, "Reserved words in DynamoDB"). */
const stateName = { "#state": "state" };

/** DynamoDB refuses a name that no expression uses. */
const namesIn = ({ when, update }: Pick<ItemChange, "when" | "update">): Pick<ItemChange, "names"> =>
  `${when} ${update}`.includes("#state") ? { names: stateName } : {};

export const change = (
  submissionId: string,
  task: string,
  what: Pick<ItemChange, "when" | "update" | "values">,
): Change => ({
  ...what,
  ...namesIn(what),
  submissionId,
  key: submissionKey(submissionId),
  task: `${task} submission "${submissionId}"`,
});

export const placeholders = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [`:${name}`, value]));
