import type { Services } from "#domain/ports.ts";
import type { WaitingFor } from "#domain/submission/submission.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import type { Line, Tokens } from "#domain/turns/line.ts";

/** How the turns stand for a tenant's next submission. It may be another's by the time that one comes. */
export interface Outlook {
  /** A slot of the tenant. */
  readonly slot: { readonly verdict: "free" | "taken"; readonly active: number; readonly maxActive: number };
  /** A token of the account's rate of StartJobRun. */
  readonly rate: { readonly verdict: "free" | "used-up"; readonly nextAt: string };
  /** The tenant's line. */
  readonly line: { readonly verdict: "free" | "full"; readonly waiting: number; readonly maxWaiting: number };
  /** Whether an operator suspended the starts of the tenant, or of all. */
  readonly starts: { readonly verdict: "allowed" } | { readonly verdict: "suspended"; readonly message: string };
}

/** Looks at slots, rate, line and pause, and takes nothing of any. */
export const outlookFor = async (
  { starts, now }: Pick<Services, "starts" | "now">,
  { tenantId, limits }: Tenant,
): Promise<Outlook> => {
  const [line, tokens] = await Promise.all([starts.line(tenantId), starts.takeTokens("StartJobRun", 0, "door")]);
  return outlookOf({ line, tokens, limits, now: now() });
};

interface Seen {
  readonly line: Line;
  readonly tokens: Tokens;
  readonly limits: Tenant["limits"];
  readonly now: string;
}

const outlookOf = ({ line, tokens, limits, now }: Seen): Outlook => {
  const message = line.suspended ?? tokens.suspended;
  const { maxActive, maxWaiting } = limits;
  return {
    slot: { verdict: line.active.length < maxActive ? "free" : "taken", active: line.active.length, maxActive },
    rate: { verdict: tokens.nextAt <= now ? "free" : "used-up", nextAt: tokens.nextAt },
    line: { verdict: line.waiting < maxWaiting ? "free" : "full", waiting: line.waiting, maxWaiting },
    starts: message === undefined ? { verdict: "allowed" } : { verdict: "suspended", message },
  };
};

/** Why a submission would wait; nothing where it would start at once. */
export const waitingForOf = ({ slot, rate, line, starts }: Outlook): WaitingFor | undefined => {
  if (starts.verdict === "suspended") return "tenant-suspended";
  if (slot.verdict === "taken" || line.waiting > 0) return "tenant-slots";
  return rate.verdict === "used-up" ? "account-rate" : undefined;
};
