import { deniedAt, type Fault } from "#domain/fault.ts";
import { fill } from "#domain/placeholder.ts";
import type { JobDriver } from "#domain/request/job-run-fields.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";

/**
 * Whether a URI lies below a prefix however it is read: S3 takes `..` literally, Hadoop's Path resolves it, also where
 * a pattern such as `{a,../b}` expands to it, so a URI with such a segment lies nowhere.
 */
export const staysBelow = (uri: string, prefix: string): boolean =>
  uri.startsWith(prefix) && !uri.split(/[/{},]/).some((segment) => segment === "." || segment === "..");

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

/** The code of an ad-hoc job must lie below one of the tenant's entry point prefixes. */
export const entryPointFaults = (driver: JobDriver, tenant: Tenant): Fault[] => {
  const prefixes = tenant.entryPoints.map((prefix) =>
    fill(prefix, (name) => (name === "tenant.id" ? tenant.tenantId : "")),
  );
  const rule =
    prefixes.length === 0
      ? "is not allowed: the tenant lists no entry point prefix"
      : `must begin with ${prefixes.map((prefix) => `"${prefix}"`).join(" or ")}`;
  return codeOf(driver)
    .filter(({ uri }) => !prefixes.some((prefix) => staysBelow(uri, prefix)))
    .map(({ path, uri }) => deniedAt(path, uri, rule));
};
