import { type Fault, faultAt } from "#domain/fault.ts";
import { jobFaults, jobTemplateFaults } from "./check-jobs.ts";
import { policyFaults, policyTemplateFaults } from "./check-policy.ts";
import { startFaults } from "./check-starts.ts";
import { subjectOf } from "./prove-tenant.ts";
import { draftsOf, repeats, type SetupDocuments, type SetupFault, type TenantDraft } from "./setup-documents.ts";
import type { Trigger } from "./tenant.ts";
import { isShared, locatedProofsOf, type Proof } from "./tenant-setup.ts";

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(" and ");

/** A tenant id may be held by one document only. */
const tenantIdFaults = (drafts: readonly TenantDraft[]): SetupFault[] =>
  drafts.flatMap(({ source, tenantId }) => {
    const holders = drafts.filter((other) => other.tenantId === tenantId).map((other) => other.source);
    if (holders.length < 2) return [];
    return [
      { ...faultAt(["tenantId"], tenantId, `the id of one tenant only, and ${quoted(holders)} have it`), source },
    ];
  });

interface Claim {
  readonly draft: TenantDraft;
  readonly proof: Proof;
  readonly path: readonly PropertyKey[];
}

/** A proof must lead to one tenant: told at every place that claims it, with all who do. */
const sharedProofFaults = (drafts: readonly TenantDraft[]): SetupFault[] => {
  const claims = drafts.flatMap((draft) =>
    locatedProofsOf(draft.tenant)
      .filter(({ proof }) => !isShared(proof))
      .map(({ proof, path }): Claim => ({ draft, proof, path })),
  );
  const byProof = Map.groupBy(claims, ({ proof }) => proof);
  return [...byProof.values()].flatMap((same) => {
    const holders = [...new Set(same.map(({ draft }) => draft.tenantId))];
    if (holders.length < 2) return [];
    return same.map(({ draft, proof, path }) => {
      const wanted = `listed by one tenant only, and ${quoted(holders)} list it`;
      return { ...faultAt(path, subjectOf(proof), wanted), source: draft.source };
    });
  });
};

/** Whether some object fires both triggers: the longer prefix with the longer suffix makes one. */
export const triggersOverlap = (one: Trigger, other: Trigger): boolean =>
  one.bucket === other.bucket &&
  (one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix)) &&
  (one.suffix.endsWith(other.suffix) || other.suffix.endsWith(one.suffix));

/** An object that fires two triggers would start nothing, because nobody could tell whose it is. */
const overlapFaults = (drafts: readonly TenantDraft[]): SetupFault[] => {
  const all = drafts.flatMap(({ source, tenantId, tenant }) =>
    (tenant.triggers ?? []).map((trigger, at) => ({ source, at, trigger, title: `${tenantId}/${trigger.name}` })),
  );
  return all.flatMap((one) => {
    const others = all.filter((other) => other !== one && triggersOverlap(one.trigger, other.trigger));
    if (others.length === 0) return [];
    const { bucket, prefix, suffix } = one.trigger;
    const titles = quoted(others.map(({ title }) => title));
    const wanted = `a trigger whose objects fire no other trigger, and some fire ${titles} too`;
    return [{ ...faultAt(["triggers", one.at], `s3://${bucket}/${prefix}*${suffix}`, wanted), source: one.source }];
  });
};

const repeatedProofs = ({ tenant }: TenantDraft): Fault[] =>
  repeats(
    locatedProofsOf(tenant)
      .filter(({ proof }) => !isShared(proof))
      .map(({ proof, path }) => ({ key: subjectOf(proof), path })),
    "listed once",
  );

/**
 * What no document of a setup can say about itself: whether what it names exists and fits, and whether tenants stay
 * apart. Pure; every fault of every document at once.
 */
export const checkSetup = (documents: SetupDocuments): SetupFault[] => {
  const drafts = draftsOf(documents);
  const { policyTemplates, jobTemplates } = documents;
  const ofTenants = drafts.flatMap((draft) =>
    [
      ...policyFaults(draft, documents),
      ...jobFaults(draft, jobTemplates),
      ...startFaults(draft, jobTemplates),
      ...repeatedProofs(draft),
    ].map((fault) => ({ ...fault, source: draft.source })),
  );
  return [
    ...ofTenants,
    ...policyTemplateFaults(policyTemplates),
    ...jobTemplateFaults(jobTemplates, drafts),
    ...tenantIdFaults(drafts),
    ...sharedProofFaults(drafts),
    ...overlapFaults(drafts),
  ];
};
