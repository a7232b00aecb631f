import type { UsageEntry } from "#domain/usage/usage-entry.ts";
import { noon } from "./setup.ts";

/** The entry of a job run of an hour with 2 vCPU and 8 GB, which has all its figures. */
export const sampleEntry = (own: Partial<UsageEntry> = {}): UsageEntry => ({
  tenantId: "acme",
  submissionId: "req.1",
  completedAt: noon,
  outcome: "SUCCESS",
  jobTemplate: "nightly",
  hours: { vCPUHour: 2, memoryGBHour: 8, storageGBHour: 0.5 },
  cost: { amount: "0.151532", currency: "USD" },
  final: true,
  ...own,
});
