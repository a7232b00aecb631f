import { noTurns, type TurnState } from "#domain/turns/fair-turns.ts";
import type { Starts } from "#domain/turns/starts.ts";
import type { Item, LedgerItems } from "./ledger-items.ts";

/** Who dispatches, and the order of turns: one item. */
export const leadKey: Item = { pk: { S: "lead" }, sk: { S: "lead" } };

/** `owner` and `until` are reserved words (Amazon DynamoDB Developer Guide, "Reserved words in DynamoDB"). */
const names = { "#owner": "owner", "#until": "until" };

const turnsOf = (text: string | undefined): TurnState => (text === undefined ? noTurns : JSON.parse(text));

export const dynamodbLead = (items: LedgerItems, now: () => string): Pick<Starts, "lead" | "keepTurns"> => ({
  async lead(owner, until) {
    const item = await items.update({
      key: leadKey,
      task: "take the lead of the dispatchers",
      update: "SET #owner = :owner, #until = :until",
      when: "attribute_not_exists(#owner) OR #owner = :owner OR #until <= :now",
      names,
      values: { ":owner": { S: owner }, ":until": { S: until }, ":now": { S: now() } },
    });
    return item === undefined ? undefined : turnsOf(item["turns"]?.S);
  },
  async keepTurns(owner, turns, until) {
    const item = await items.update({
      key: leadKey,
      task: "keep the order of turns",
      update: "SET turns = :turns, #until = :until",
      when: "#owner = :owner",
      names,
      values: { ":owner": { S: owner }, ":until": { S: until }, ":turns": { S: JSON.stringify(turns) } },
    });
    return item !== undefined;
  },
});
