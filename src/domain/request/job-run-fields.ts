import * as z from "zod/mini";
import { lazily } from "#domain/lazily.ts";
import { boundedText as text } from "./bounded-text.ts";

/**
 * The fields of StartJobRun that a caller or a job template may give, with the limits of EMR Serverless's service
 * model 2021-07-13 (StartJobRunRequest and the shapes below it). The SDK checks none of them, so we do.
 */
const nothingElse = (keys: readonly string[]) => `an object with exactly one of ${keys.join(", ")}`;

const kmsKeyArn = lazily(() =>
  text(0, 2048).check(z.regex(/^arn:(aws[a-zA-Z0-9-]*):kms:[a-zA-Z0-9-]+:\d{12}:key\/[a-zA-Z0-9-]+$/)),
);

const sparkSubmit = lazily(() =>
  z.strictObject({
    entryPoint: text(1, 4096).check(z.describe("S3 URI of the script or JAR of the job.")),
    entryPointArguments: z.optional(z.array(z.string()).check(z.maxLength(1024))),
    sparkSubmitParameters: z.optional(text(1, 102_400)),
  }),
);

const hive = lazily(() =>
  z.strictObject({
    query: text(1, 10_280).check(z.describe("S3 URI of the Hive query file.")),
    initQueryFile: z.optional(text(1, 256)),
    parameters: z.optional(text(1, 102_400)),
  }),
);

export const jobDriver = lazily(() =>
  z.strictObject({ sparkSubmit: z.optional(sparkSubmit()), hive: z.optional(hive()) }).check(
    z.refine((driver) => Object.values(driver).filter((member) => member !== undefined).length === 1, {
      message: nothingElse(["sparkSubmit", "hive"]),
    }),
  ),
);

export interface Configuration {
  classification: string;
  properties?: Record<string, string> | undefined;
  configurations?: Configuration[] | undefined;
}

const configuration: () => z.ZodMiniType<Configuration, Configuration> = lazily(() =>
  z.strictObject({
    classification: text(1, 1024),
    properties: z.optional(
      z
        .record(text(1, 1024), text(0, 1024))
        .check(z.refine((properties) => Object.keys(properties).length <= 100, { message: "at most 100 properties" })),
    ),
    get configurations() {
      return z.optional(z.array(configuration()).check(z.maxLength(100)));
    },
  }),
);

/** The model's PrometheusUrlString with its dots escaped and its end told: metrics go to Amazon's hosts alone. */
const prometheusUrl =
  /^https:\/\/aps-workspaces\.[a-z]{2}-[a-z-]{1,20}-[1-9]\.amazonaws\.com(\.cn)?\/workspaces\/[\w.-]{1,100}\/api\/v1\/remote_write$/;

export const monitoringConfiguration = lazily(() =>
  z.strictObject({
    s3MonitoringConfiguration: z.optional(
      z.strictObject({
        logUri: z.optional(text(1, 10_280).check(z.regex(/^s3:\/\/[a-z0-9][a-z0-9.-]+(\/.*)?$/))),
        encryptionKeyArn: z.optional(kmsKeyArn()),
      }),
    ),
    managedPersistenceMonitoringConfiguration: z.optional(
      z.strictObject({ enabled: z.optional(z.boolean()), encryptionKeyArn: z.optional(kmsKeyArn()) }),
    ),
    cloudWatchLoggingConfiguration: z.optional(
      z.strictObject({
        enabled: z.boolean(),
        logGroupName: z.optional(text(1, 512).check(z.regex(/^[.\-_/#A-Za-z0-9]+$/))),
        logStreamNamePrefix: z.optional(text(1, 512).check(z.regex(/^[^:*]*$/))),
        encryptionKeyArn: z.optional(kmsKeyArn()),
        logTypes: z.optional(z.record(text(1, 50), z.array(text(1, 50)).check(z.minLength(1), z.maxLength(5)))),
      }),
    ),
    prometheusMonitoringConfiguration: z.optional(
      z.strictObject({ remoteWriteUrl: z.optional(text(1, 10_280).check(z.regex(prometheusUrl))) }),
    ),
  }),
);

export const configurationOverrides = lazily(() =>
  z.strictObject({
    applicationConfiguration: z.optional(z.array(configuration()).check(z.maxLength(100))),
    monitoringConfiguration: z.optional(monitoringConfiguration()),
    diskEncryptionConfiguration: z.optional(
      z.strictObject({
        encryptionKeyArn: z.optional(kmsKeyArn()),
        encryptionContext: z.optional(
          z
            .record(text(1, 128), text(1, 384))
            .check(z.refine((context) => Object.keys(context).length <= 8, { message: "at most 8 entries" })),
        ),
      }),
    ),
  }),
);

/** The charset of tag keys and values: ASCII only, no commas, quotes or `*`. */
const tagText = /^[A-Za-z0-9 /_.:=+@-]*$/;

/** At most 50 user tags a resource, none of them `aws:…`, as the tagging page says: the model's 200 is not what is enforced. */
export const tags = lazily(() =>
  z.record(
    text(1, 128).check(
      z.regex(tagText),
      z.refine((key) => !/^aws:/i.test(key), { message: 'text that does not begin with "aws:", which AWS reserves' }),
    ),
    text(0, 256).check(z.regex(tagText)),
  ),
);

export const executionTimeoutMinutes = lazily(() =>
  z.int().check(
    z.lte(1_000_000),
    z.refine<number>((minutes) => minutes === 0 || minutes >= 5, {
      message: "at least 5 minutes, or 0 for a streaming job without a timeout",
    }),
    z.describe("Minutes, from 5 to 1,000,000; 0 means no timeout, for streaming jobs only."),
  ),
);

export const retryPolicy = lazily(() =>
  z.strictObject({
    maxAttempts: z.optional(z.int().check(z.gte(1), z.lte(10))),
    maxFailedAttemptsPerHour: z.optional(z.int().check(z.gte(1), z.lte(10))),
  }),
);

/** EMR Serverless takes 256 characters; Sluice adds the submission id, so that a run can be found by its name. */
export const jobRunName = lazily(() => text(0, 190).check(z.regex(/^.*$/), z.regex(/\S/)));

/** What both an ad-hoc job request and a job template may say about the job run, all but the job driver. */
export const jobRunFields = lazily(() => ({
  name: z.optional(jobRunName()),
  mode: z.optional(z.enum(["BATCH", "STREAMING"])),
  tags: z.optional(tags()),
  executionTimeoutMinutes: z.optional(executionTimeoutMinutes()),
  retryPolicy: z.optional(retryPolicy()),
  configurationOverrides: z.optional(configurationOverrides()),
}));

export type JobDriver = z.infer<ReturnType<typeof jobDriver>>;
export type ConfigurationOverrides = z.infer<ReturnType<typeof configurationOverrides>>;
