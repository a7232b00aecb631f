import type { Submissions } from "#domain/submission/submissions.ts";
import { acceptContract } from "./submissions/accept.ts";
import { activeRunContract } from "./submissions/active-run.ts";
import { claimContract } from "./submissions/claim.ts";
import { ledgerOf } from "./submissions/ledger.ts";
import { listsContract } from "./submissions/lists.ts";
import { publishContract } from "./submissions/publish.ts";
import { recordContract } from "./submissions/record.ts";

/** What every ledger promises of submissions. */
export const submissionsContract = (name: string, open: () => Submissions): void => {
  const ledger = ledgerOf(name, open);
  acceptContract(ledger);
  claimContract(ledger);
  listsContract(ledger);
  recordContract(ledger);
  publishContract(ledger);
  activeRunContract(ledger);
};
