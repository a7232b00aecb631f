import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** Every bucket that the tenants' files speak of, so that an upload finds it. */
export const bucketsOf = (setups: readonly TenantSetup[]): string[] => {
  const text = JSON.stringify(setups);
  const named = [...text.matchAll(/(?:s3:\/\/|arn:aws:s3:::)([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?=[/"])/g)].map(
    ([, bucket = ""]) => bucket,
  );
  const variables = setups.flatMap(({ tenant, policyTemplate }) =>
    Object.entries(tenant.policy.variables)
      .filter(([name]) => policyTemplate.variables[name]?.type === "bucket")
      .map(([, value]) => value),
  );
  const triggered = setups.flatMap(({ tenant }) => tenant.triggers.map(({ bucket }) => bucket));
  return distinct([...named, ...variables, ...triggered]).sort();
};

/** Names of the tenants' own queues, by ARN. */
export const queuesOf = (setups: readonly TenantSetup[]): string[] =>
  distinct(setups.flatMap(({ tenant }) => tenant.queues.map(({ arn }) => arn.split(":").at(-1) ?? "")));

/** Names of the queues that get the tenants' completion events. */
export const completionQueuesOf = (setups: readonly TenantSetup[]): string[] =>
  distinct(setups.flatMap(({ tenant }) => tenant.completionQueueUrl?.split("/").at(-1) ?? []));

/** The applications of all tenants: one that only Hive templates and an alias like "hive" use is of type HIVE. */
export const applicationsOf = (
  setups: readonly TenantSetup[],
): { applicationId: string; name: string; type: string }[] => {
  const found = new Map<string, { applicationId: string; name: string; type: string }>();
  for (const { tenant } of setups) {
    for (const [alias, applicationId] of Object.entries(tenant.applications)) {
      const type = alias.includes("hive") ? "HIVE" : "SPARK";
      if (!found.has(applicationId)) found.set(applicationId, { applicationId, name: alias, type });
    }
  }
  return [...found.values()];
};

/** Where the scripts of job templates lie in S3, so that those of examples/jobs can be put there: file name → bucket and key. */
export const scriptsOf = (setups: readonly TenantSetup[]): { file: string; bucket: string; key: string }[] => {
  const uris = setups.flatMap(({ jobTemplates }) =>
    jobTemplates.flatMap(({ jobDriver }) => [jobDriver.sparkSubmit?.entryPoint, jobDriver.hive?.query]),
  );
  return distinct(uris.filter((uri) => uri !== undefined)).flatMap((uri) => {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
    return bucket === undefined || key === undefined ? [] : [{ file: key.split("/").at(-1) ?? key, bucket, key }];
  });
};
