import type { Breach } from "./breach.ts";
import type { Provable } from "./provable.ts";
import type { Values } from "./subject.ts";

/**
 * A value as it is compared between tenants: two texts that may lead to the same thing are the same. Glue, for one, does
 * not tell upper from lower case; and a multi-Region KMS key is one key in every Region, whose id begins with "mrk-" (AWS
 * KMS Developer Guide, "Multi-Region keys").
 */
export const comparable = (value: string): string =>
  value.toLowerCase().replace(/^arn:[^:]*:kms:[^:]*:[^:]*:key\/(mrk-.*)$/, "$1");

/** What a tenant has, and of it what no other tenant may have, as it is compared. */
export interface OwnValues {
  readonly all: readonly string[];
  readonly unique: readonly string[];
}

/** Of a setup as it is, whether or not its values fit its template: one that was stored long ago may have another form. */
export const ownValues = ({ tenant, policyTemplate }: Provable): OwnValues => {
  const declared = Object.entries(policyTemplate.variables ?? {});
  const given: Readonly<Record<string, string>> = tenant.policy?.variables ?? {};
  const valuesFor = (name: string, value: string | undefined): string[] => {
    const own = Object.hasOwn(given, name) ? given[name] : value;
    return own === undefined ? [] : [comparable(own)];
  };
  return {
    all: [...Object.values(given).map(comparable), ...declared.flatMap(([name, one]) => valuesFor(name, one.default))],
    unique: declared.flatMap(([name, one]) => (one.unique === true ? valuesFor(name, one.default) : [])),
  };
};

/** A tenant under proof, its values put in. */
export interface Member {
  readonly provable: Provable;
  readonly values: Values;
}

interface Holder {
  readonly tenantId: string;
  readonly name: string;
}

/** Two tenants that have a value, the first ones: enough to know of any tenant whether another has it. */
const holdersOf = (members: readonly Member[]): ReadonlyMap<string, Holder[]> => {
  const holders = new Map<string, Holder[]>();
  for (const { provable, values } of members) {
    const { tenantId } = provable.tenant;
    for (const [name, written] of Object.entries(values)) {
      if (!name.startsWith("variables.")) continue;
      const value = comparable(written);
      const known = holders.get(value) ?? [];
      if (known.length < 2 && !known.some((one) => one.tenantId === tenantId)) known.push({ tenantId, name });
      holders.set(value, known);
    }
  }
  return holders;
};

/** Values that are declared to be no other tenant's, and are. */
export const uniqueBreaches = (members: readonly Member[]): Breach[] => {
  const holders = holdersOf(members);
  return members.flatMap(({ provable, values }) => {
    const { tenant, policyTemplate } = provable;
    const unique = Object.entries(policyTemplate.variables).filter(([, declared]) => declared.unique === true);
    return unique.flatMap(([name]): Breach[] => {
      const value = values[`variables.${name}`] ?? "";
      const other = holders.get(comparable(value))?.find(({ tenantId }) => tenantId !== tenant.tenantId);
      if (other === undefined) return [];
      return [
        {
          verdict: "not-proven",
          rule: "unique",
          template: policyTemplate.name,
          tenantId: tenant.tenantId,
          otherTenantId: other.tenantId,
          message: `variable "${name}" of tenant "${tenant.tenantId}" must be no other tenant's: "${value}" is also ${other.name} of tenant "${other.tenantId}"`,
          path: ["policy", "variables", name],
          inTenant: true,
        },
      ];
    });
  });
};
