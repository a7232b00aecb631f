import { list, map, required, structure, union } from "./collection-shapes.ts";
import { boolean, integer, json, notBlank, oneOf, string } from "./scalar-shapes.ts";
import type { Checked } from "./shape.ts";

/**
 * What StartJobRun accepts, in our own words. Lengths, patterns and enums are those of the API reference:
 * https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_StartJobRun.html
 */
const partition = "aws[a-zA-Z0-9-]*";

export const id = string({ min: 1, max: 64, pattern: "[0-9a-z]+" });
const clientToken = string({ min: 1, max: 64, pattern: "[A-Za-z0-9._-]+" });
const roleArn = string({
  min: 20,
  max: 2048,
  pattern: `arn:(${partition}):iam::([0-9]{12}):(role((\\u002F)|(\\u002F[\\u0021-\\u007F]+\\u002F))[\\w+=,.@-]+)`,
});
const keyArn = string({
  min: 20,
  max: 2048,
  pattern: `arn:(${partition}):kms:[a-zA-Z0-9\\-]*:([0-9]{12}):key\\/[a-zA-Z0-9-]+`,
});

/** The model says 200; the documents say 50, and so does `checkTags`. */
const tagKey = string({ min: 1, max: 128, pattern: "[A-Za-z0-9 \\/_.:=+@\\-]+" });
export const tagKeys = list(tagKey, { min: 1, max: 200 });
export const tags = map({
  key: tagKey,
  value: string({ min: 0, max: 256, pattern: "[A-Za-z0-9 \\/_.:=+@\\-]*" }),
  max: 200,
});

const properties = map({
  key: string({ min: 1, max: 1024, pattern: notBlank }),
  value: string({ max: 1024 }),
  max: 100,
  sensitive: true,
});
const configuration = structure({
  classification: required(string({ min: 1, max: 1024, pattern: notBlank })),
  properties,
  // Nested once more, as deep as EMR's own classifications go.
  configurations: list(structure({ classification: required(string({ min: 1, max: 1024 })), properties }), {
    max: 100,
  }),
});
const configurations = list(configuration, { max: 100 });

const workerType = string({ min: 1, max: 50, pattern: "[a-zA-Z]+[\\-_]*[a-zA-Z]+" });
const logTypes = map({ key: workerType, value: list(workerType, { min: 1, max: 5 }), min: 1, max: 4 });
const prometheusUrl =
  "https:\\/\\/aps-workspaces.([a-z]{2}-[a-z\\-]{1,20}-[1-9]).amazonaws(.[0-9A-Za-z]{2,4})+\\/workspaces\\/[\\-_.0-9A-Za-z]{1,100}\\/api\\/v1\\/remote_write";

const monitoring = structure({
  s3MonitoringConfiguration: structure({ logUri: string({ min: 1, max: 10_280 }), encryptionKeyArn: keyArn }),
  managedPersistenceMonitoringConfiguration: structure({ enabled: boolean(), encryptionKeyArn: keyArn }),
  cloudWatchLoggingConfiguration: structure({
    enabled: required(boolean()),
    logGroupName: string({ min: 1, max: 512, pattern: "[.\\-_\\/#A-Za-z0-9]+" }),
    logStreamNamePrefix: string({ min: 1, max: 512, pattern: "[^:*]*" }),
    encryptionKeyArn: keyArn,
    logTypes,
  }),
  prometheusMonitoringConfiguration: structure({
    remoteWriteUrl: string({ min: 1, max: 10_280, pattern: prometheusUrl }),
  }),
});

const diskEncryption = structure({
  encryptionKeyArn: keyArn,
  encryptionContext: map({
    key: string({ min: 1, max: 128 }),
    value: string({ min: 1, max: 384 }),
    max: 8,
  }),
});

const jobDriver = union({
  sparkSubmit: structure({
    entryPoint: required(string({ min: 1, max: 4096, pattern: notBlank, sensitive: true })),
    // Since late 2026 the reference allows empty arguments; the list of them has at most 1,024.
    entryPointArguments: list(string(), { max: 1024, sensitive: true }),
    sparkSubmitParameters: string({ min: 1, max: 102_400, pattern: notBlank, sensitive: true }),
  }),
  hive: structure({
    query: required(string({ min: 1, max: 10_280, pattern: notBlank, sensitive: true })),
    initQueryFile: string({ min: 1, max: 256, pattern: notBlank, sensitive: true }),
    parameters: string({ min: 1, max: 102_400, pattern: notBlank, sensitive: true }),
  }),
});

/** Inline policy: 2,048 characters up to U+00FF, as for any session policy of STS. */
const executionIamPolicy = structure({
  policy: string({ min: 1, max: 2048, pattern: "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+" }),
  policyArns: list(string({ min: 20, max: 2048 }), { max: 10 }),
});

export const jobRunMode = oneOf("BATCH", "STREAMING");

export const startJobRun = structure({
  applicationId: required(id),
  clientToken: required(clientToken),
  executionRoleArn: required(roleArn),
  executionIamPolicy,
  jobDriver,
  configurationOverrides: structure({
    applicationConfiguration: configurations,
    monitoringConfiguration: monitoring,
    diskEncryptionConfiguration: diskEncryption,
  }),
  tags,
  executionTimeoutMinutes: integer({ min: 0, max: 1_000_000 }),
  name: string({ min: 1, max: 256, pattern: notBlank }),
  mode: jobRunMode,
  retryPolicy: structure({ maxAttempts: integer({ min: 1 }), maxFailedAttemptsPerHour: integer({ min: 1 }) }),
});

export const createApplication = structure({
  name: string({ min: 1, max: 64, pattern: "[A-Za-z0-9._\\/#\\-]+" }),
  releaseLabel: required(string({ min: 1, max: 64, pattern: "[A-Za-z0-9._\\/\\-]+" })),
  type: required(string({ min: 1, max: 64 })),
  clientToken: required(clientToken),
  tags,
  architecture: oneOf("ARM64", "X86_64"),
  autoStartConfiguration: structure({ enabled: boolean() }),
  autoStopConfiguration: structure({ enabled: boolean(), idleTimeoutMinutes: integer({ min: 1, max: 10_080 }) }),
  schedulerConfiguration: structure({ queueTimeoutMinutes: integer(), maxConcurrentRuns: integer() }),
  runtimeConfiguration: configurations,
  monitoringConfiguration: monitoring,
  diskEncryptionConfiguration: diskEncryption,
  // Kept and handed back: nothing here runs on workers, in a network or in an image.
  initialCapacity: json(),
  maximumCapacity: json(),
  networkConfiguration: json(),
  imageConfiguration: json(),
  workerTypeSpecifications: json(),
  interactiveConfiguration: json(),
  identityCenterConfiguration: json(),
  jobLevelCostAllocationConfiguration: json(),
});

export type StartJobRunInput = Checked<typeof startJobRun>;
export type CreateApplicationInput = Checked<typeof createApplication>;
