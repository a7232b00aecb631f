import * as z from "zod/mini";
import { boundedText } from "./bounded-text.ts";

/** AWS Step Functions API Reference, SendTaskSuccess: a task token has 1 to 2,048 characters. */
const taskToken = boundedText(1, 2048).check(
  z.describe("Token of the Step Functions task that waits: it is told how the submission ends. A secret."),
);

/** Who is told of the end besides the bus and the tenant's queue. */
export const notify = z.strictObject({ taskToken });

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The task token of a document, also of one that is no job request: whoever sent it waits, and a refusal is an answer.
 * Only own fields are looked at.
 */
export const taskTokenOf = (document: unknown): string | undefined => {
  if (!isFields(document) || !Object.hasOwn(document, "notify")) return undefined;
  const parsed = z.safeParse(z.object({ taskToken }), document["notify"]);
  return parsed.success ? parsed.data.taskToken : undefined;
};

const hidden = "(not shown)";

/** Where a token stands, or where somebody who misread the page would put it. */
const isSecret = (name: string): boolean => /token$/i.test(name);

/**
 * A document as messages may show it: faults quote the values that they are about. It must not be nested deeper than a
 * job request may be.
 */
export const withoutSecrets = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isFields(value)) return value;
  const shown = Object.entries(value).map(([name, inner]): [string, unknown] => {
    const isText = name === "notify" && !isFields(inner);
    return [name, isSecret(name) || isText ? hidden : withoutSecrets(inner)];
  });
  return Object.fromEntries(shown);
};

/** A text without the token that stands in it, so that the same job request with another token is the same text. */
export const textWithout = (text: string, token: string | undefined): string =>
  token === undefined ? text : text.replaceAll(JSON.stringify(token), '""');
