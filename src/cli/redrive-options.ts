import { type FaultKind, faultKinds } from "./judge-message.ts";
import { optionFault as fault } from "./option-fault.ts";

export interface RedriveOptions {
  /** The URL of the dead-letter queue. */
  readonly from: string;
  /** The URL of the queue that its messages go back to. */
  readonly to: string;
  /** Messages a second. */
  readonly rate: number;
  readonly kind: FaultKind | "all";
  /** Most messages to move. */
  readonly max?: number;
  readonly dryRun: boolean;
}

type Values = Readonly<Record<string, unknown>>;

/** At the least rate ten messages take less time than they are hidden for. */
const rates = { least: 0.1, most: 300 };

const kinds = [...faultKinds, "all"] as const;

const queueUrl = /^https?:\/\/[^/\s]+\/\d{12}\/[\w-]{1,80}(\.fifo)?$/;

const urlFaults = ({ from, to }: Values): string[] => {
  const faults: string[] = [];
  for (const [name, url] of Object.entries({ from, to })) {
    if (!queueUrl.test(String(url))) faults.push(fault(name, "the URL of an SQS queue", url));
  }
  if (faults.length > 0) return faults;
  // A FIFO queue takes nothing without a group, and a standard queue would lose the order.
  const isFifo = (url: unknown) => String(url).endsWith(".fifo");
  if (isFifo(from) !== isFifo(to)) faults.push(fault("to", "a FIFO queue where --from is one, and only there", to));
  if (from === to) faults.push(fault("to", "another queue than --from", to));
  return faults;
};

/** The options of `sluice redrive`, or everything that is wrong with them. */
export const readRedriveOptions = (
  values: Values,
): { readonly options?: RedriveOptions; readonly faults: readonly string[] } => {
  const faults = urlFaults(values);
  const { from, to, rate = "5", kind = "all", max } = values;
  const known = kinds.find((one) => one === kind);
  if (known === undefined) faults.push(fault("kind", `one of ${kinds.join(", ")}`, kind));
  if (!/^\d+(\.\d+)?$/.test(String(rate)) || Number(rate) < rates.least || Number(rate) > rates.most) {
    faults.push(fault("rate", `a number of messages a second from ${rates.least} to ${rates.most}`, rate));
  }
  if (max !== undefined && !/^[1-9]\d{0,8}$/.test(String(max))) faults.push(fault("max", "a number from 1", max));
  if (faults.length > 0 || known === undefined) return { faults };
  return {
    faults,
    options: {
      from: String(from),
      to: String(to),
      rate: Number(rate),
      kind: known,
      ...(max !== undefined && { max: Number(max) }),
      dryRun: values["dry-run"] === true,
    },
  };
};
