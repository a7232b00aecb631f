import { listPrices } from "#domain/cost/list-prices.ts";
import {
  type Architecture,
  architectures,
  type Prices,
  type PriceTable,
  priceTableSchema,
  withPrices,
} from "#domain/cost/prices.ts";
import { faultsOf } from "#domain/fault.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const isBlank = (text: string | undefined): text is undefined | "" => text === undefined || text.trim() === "";

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // No object: the schema says what is wanted.
    return text;
  }
};

/** A deployment's own prices, by Region and architecture, over the list prices. */
const readTable = (text: string | undefined, faults: string[]): PriceTable => {
  if (isBlank(text)) return listPrices.table;
  const document = jsonOf(text);
  const parsed = priceTableSchema().safeParse(document);
  if (parsed.success) return withPrices(listPrices.table, parsed.data);
  faults.push(...faultsOf(parsed.error, document).map(({ pointer, message }) => `SLUICE_PRICES${pointer} ${message}`));
  return listPrices.table;
};

/** `00f1abc=ARM64,*=X86_64`: what is not listed, where there is no `*`, is not known. */
const readArchitectures = (text: string | undefined, faults: string[]): Prices["architectures"] => {
  if (isBlank(text)) return listPrices.architectures;
  const found: Record<string, Architecture> = {};
  for (const item of text.split(",").map((one) => one.trim())) {
    const [, application = "", name] = /^(\*|[0-9a-z]{1,64})=(\w+)$/.exec(item) ?? [];
    const architecture = architectures.find((known) => known === name);
    if (architecture === undefined) {
      faults.push(
        `SLUICE_ARCHITECTURES must list application ids, or *, with ${architectures.join(" or ")}, like "00f1abc=ARM64,*=X86_64": current value is "${item}"`,
      );
    } else if (Object.hasOwn(found, application)) {
      faults.push(`SLUICE_ARCHITECTURES must give each application once: current value is "${item}"`);
    } else found[application] = architecture;
  }
  return found;
};

export const readPrices = (environment: Environment, faults: string[]): Prices => ({
  table: readTable(environment["SLUICE_PRICES"], faults),
  architectures: readArchitectures(environment["SLUICE_ARCHITECTURES"], faults),
});
