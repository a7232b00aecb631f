import { sha256 } from "#adapters/files/sha256.ts";
import { readTenantFiles } from "#adapters/files/tenant-files.ts";
import { mapStrings } from "#domain/placeholder.ts";
import { prove } from "#domain/proof/prove.ts";
import { type PolicyTemplate, policyTemplateSchema } from "#domain/tenant/policy-template.ts";
import { check, tell } from "./tell.ts";

/** The template with one slash less: the prefix of tenant "acme" is then that of "acme2" as well. */
const withoutSlash = (template: PolicyTemplate): PolicyTemplate =>
  policyTemplateSchema.parse({
    ...template,
    document: mapStrings(template.document, (text) => text.replace("}}/{{tenant.id}}/*", "}}/{{tenant.id}}*")),
  });

/** A leaky policy template is refused with a call that leaks; mended, it is proved for any two tenants. */
export const provesATemplate = async (directory: string): Promise<void> => {
  const read = await readTenantFiles(directory);
  if (read.verdict !== "read") throw new Error("The example tenants have faults");
  const tight = read.setups.find(({ policyTemplate }) => policyTemplate.name === "s3-prefix")?.policyTemplate;
  if (tight === undefined) throw new Error("The example tenants have no policy template s3-prefix");

  const leaky = prove([], { digest: sha256, templates: [withoutSlash(tight)] });
  const breach = leaky.breaches.find(({ witness }) => witness !== undefined);
  tell("somebody leaves a slash out of a policy template", {
    verdict: leaky.verdict,
    because: (breach?.message ?? "nothing").replaceAll(": ", ":\n"),
  });
  check(
    leaky.verdict === "leak" && breach?.statement === "Data",
    "the leak was found before any tenant had the template",
  );

  const mended = prove(read.setups, { digest: sha256, templates: [tight] });
  tell("with the slash back", {
    verdict: mended.verdict,
    template: "s3-prefix is proven for any two tenants that could ever be",
    tenants: mended.tenants.map(({ tenantId, verdict }) => `${tenantId}: ${verdict}`).join(", "),
  });
  check(mended.verdict === "proven", "no tenant's policy reaches another's territory");
};
