import type { TenantSetup } from "./tenant-setup.ts";

/** An edit of tenants: when it was made, by whom as the one who makes it says, and with which command. */
export interface Edit {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly by: string;
  readonly command: string;
}

/** How many versions of a tenant are kept, the current one included. */
export const keptVersions = 50;

/** One state of a tenant. Versions count from 1 and are never given twice, also where a tenant was removed in between. */
export interface TenantVersion {
  readonly version: number;
  readonly setup: TenantSetup;
  /** Absent where it was stored before edits were recorded. */
  readonly edit?: Edit;
}
