import { createHash, randomUUID } from "node:crypto";
import { readPrices } from "../functions/price-config.ts";
import type { ExplainSurroundings } from "./explain-command.ts";

/** Explains with the prices and the Region that the functions have where they get the same environment. */
export const explainingHere = (environment: Readonly<Record<string, string | undefined>>): ExplainSurroundings => {
  const faults: string[] = [];
  const prices = readPrices(environment, faults);
  if (faults.length > 0) throw new Error(faults.join("; "));
  return {
    prices,
    region: environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? "",
    digest: (text) => createHash("sha256").update(text, "utf8").digest("base64url"),
    newId: randomUUID,
  };
};
