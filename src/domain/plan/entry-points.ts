import { deniedAt, type Fault } from "#domain/fault.ts";
import { fill } from "#domain/placeholder.ts";
import { staysBelow } from "#domain/rails/stays-below.ts";
import type { JobDriver } from "#domain/request/job-run-fields.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";

interface Code {
  readonly path: readonly string[];
  readonly uri: string;
}

const codeOf = ({ sparkSubmit, hive }: JobDriver): Code[] => [
  ...(sparkSubmit === undefined
    ? []
    : [{ path: ["jobDriver", "sparkSubmit", "entryPoint"], uri: sparkSubmit.entryPoint }]),
  ...(hive === undefined ? [] : [{ path: ["jobDriver", "hive", "query"], uri: hive.query }]),
  ...(hive?.initQueryFile === undefined
    ? []
    : [{ path: ["jobDriver", "hive", "initQueryFile"], uri: hive.initQueryFile }]),
];

/** The prefixes that the tenant's code must come from, with its id filled in. */
export const codePrefixes = ({ entryPoints, tenantId }: Pick<Tenant, "entryPoints" | "tenantId">): string[] =>
  entryPoints.map((prefix) => fill(prefix, (name) => (name === "tenant.id" ? tenantId : "")));

/** The code of an ad-hoc job must lie below one of the tenant's entry point prefixes. */
export const entryPointFaults = (driver: JobDriver, tenant: Tenant): Fault[] => {
  const prefixes = codePrefixes(tenant);
  const rule =
    prefixes.length === 0
      ? "is not allowed: the tenant lists no entry point prefix"
      : `must begin with ${prefixes.map((prefix) => `"${prefix}"`).join(" or ")}`;
  return codeOf(driver)
    .filter(({ uri }) => !prefixes.some((prefix) => staysBelow(uri, prefix)))
    .map(({ path, uri }) => deniedAt(path, uri, rule));
};
