/** The guard rails that hold for every tenant, by name: docs/guard-rails.md has a section for each. */
export const railNames = [
  "credentials",
  "endpoints",
  "environment",
  "code",
  "packages",
  "images",
  "listeners",
  "java-options",
  "log-destinations",
  "metastore",
  "cluster",
  "classifications",
  "executors",
] as const;

export type RailName = (typeof railNames)[number];
