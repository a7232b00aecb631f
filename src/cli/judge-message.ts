import type { SQSRecord } from "aws-lambda";
import { isPassing, ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import { proposalOf } from "#domain/submission/proposal.ts";
import { intakeOfRecord, type QueueContext } from "#handlers/message-delivery.ts";

/** What a message would fail of if it came again now: `passing` where nothing speaks against it. */
export const faultKinds = ["passing", "unproven", "refused", "bug"] as const;
export type FaultKind = (typeof faultKinds)[number];

export type Judgment =
  | { readonly kind: "passing"; readonly says: string }
  | { readonly kind: Exclude<FaultKind, "passing">; readonly reason: string };

export interface JudgeContext extends QueueContext {
  readonly planning: Pick<Services, "digest" | "now">;
}

/** An answer of AWS's that is no success says nothing about the message. */
const isOfAws = (error: unknown): boolean => typeof error === "object" && error !== null && "$metadata" in error;

const judgmentOf = (error: unknown): Judgment => {
  if (!(error instanceof Error) || isOfAws(error)) throw error;
  if (!(error instanceof ServiceError)) return { kind: "bug", reason: error.message };
  if (isPassing(error)) throw error;
  return { kind: error.code === "ERR_TENANT_UNKNOWN" ? "unproven" : "refused", reason: error.message };
};

/**
 * What would become of a message in its queue now, as the queue door takes it and as the tenants are now. Nothing is
 * stored. Throws where AWS does not tell the tenants.
 */
export const judgeMessage = async ({ planning, ...context }: JudgeContext, record: SQSRecord): Promise<Judgment> => {
  try {
    const intake = await intakeOfRecord(context, record);
    if (intake.verdict === "ignored") return { kind: "passing", says: `starts nothing: ${intake.reason}` };
    if (intake.failure !== undefined) return judgmentOf(intake.failure);
    const proposals = intake.deliveries.map((delivery) => proposalOf(planning, delivery));
    const [first] = proposals;
    // One that can start is worth the way: what is refused beside it is recorded, and holds nothing up.
    if (first?.verdict === "refused" && proposals.every(({ verdict }) => verdict === "refused")) {
      return { kind: "refused", reason: first.refused.refusal.message };
    }
    const tenants = new Set(intake.deliveries.map(({ setup }) => setup.tenant.tenantId));
    return { kind: "passing", says: `for tenant ${[...tenants].join(", ")}` };
  } catch (error) {
    return judgmentOf(error);
  }
};
