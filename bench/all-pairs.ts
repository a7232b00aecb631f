import { renderExecutionPolicy } from "#domain/plan/execution-policy.ts";
import { valuesOf } from "#domain/proof/provable.ts";
import { textOf } from "#domain/proof/prove-tenants.ts";
import { statementsOf } from "#domain/proof/statement.ts";
import { textsMeet } from "#domain/proof/texts-meet.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";

interface Side {
  /** What its rendered policy allows: ARNs, and of a listing those of the objects whose names are told. */
  readonly reach: readonly string[];
  readonly territory: readonly string[];
}

const sideOf = (setup: TenantSetup): Side => {
  const { tenant, policyTemplate } = setup;
  const values = valuesOf(setup);
  const ids = { tenantId: tenant.tenantId, submissionId: "s", applicationId: "a" };
  const rendered = renderExecutionPolicy(policyTemplate, { ...ids, ...tenant.policy });
  if (rendered.verdict === "refused" || values === undefined) {
    throw new Error(`Cannot measure: a policy was not rendered: ${JSON.stringify(rendered)}`);
  }
  const allows = (statementsOf(JSON.parse(rendered.policy)) ?? []).filter(({ effect }) => effect === "Allow");
  const reach = allows.flatMap(({ resource = [], condition }) => {
    const prefixes = condition?.["StringLike"]?.["s3:prefix"];
    if (prefixes === undefined) return resource;
    return resource.flatMap((bucket) => [prefixes].flat().map((prefix) => `${bucket}/${prefix}`));
  });
  return { reach, territory: policyTemplate.territory.map((text) => textOf(text, values)) };
};

/** Grants of one tenant that meet another's territory, found by comparing each pair of tenants both ways. */
export const meetsOfAllPairs = (setups: readonly TenantSetup[]): number => {
  const sides = setups.map(sideOf);
  let meets = 0;
  for (const from of sides) {
    for (const to of sides) {
      if (from === to) continue;
      for (const one of from.reach) for (const other of to.territory) if (textsMeet(one, other)) meets += 1;
    }
  }
  return meets;
};
