import { type Fault, faultAt } from "#domain/fault.ts";
import type { Change } from "./start-job-run-input.ts";

/** Most user tags on one resource (EMR Serverless User Guide, "Tagging your resources"); the model's 200 is not enforced. */
const maxTags = 50;

/** Tags that Sluice puts on every job run: whose it is, which submission made it and by which door it came. */
export const sluiceTags = (tenantId: string, submissionId: string, door: string): Record<string, string> => ({
  "sluice:tenant": tenantId,
  "sluice:submission": submissionId,
  "sluice:door": door,
});

interface TagLayers {
  readonly caller: Readonly<Record<string, string>>;
  readonly tenant: Readonly<Record<string, string>>;
  readonly sluice: Readonly<Record<string, string>>;
}

/** All tags of a job run: Sluice's win over the tenant's, the tenant's over the caller's. */
export const mergeTags = (
  layers: TagLayers,
): { readonly tags: Record<string, string>; readonly changes: Change[]; readonly faults: Fault[] } => {
  const tags = { ...layers.caller, ...layers.tenant, ...layers.sluice };
  const changes = Object.entries(layers.caller)
    .filter(([key, value]) => tags[key] !== value)
    .map(([key]) => ({
      field: `tags/${key}`,
      rule: key in layers.sluice ? "Sluice sets this tag" : "the tenant sets this tag",
    }));
  const count = Object.keys(tags).length;
  const faults =
    count > maxTags ? [faultAt(["tags"], count, `at most ${maxTags} tags, the tenant's and Sluice's included`)] : [];
  return { tags, changes, faults };
};
