import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { submissionItem } from "#adapters/aws/submission-item.ts";
import { pointerKey, tenantItem } from "#adapters/aws/tenant-items.ts";
import { readTenantFiles } from "#adapters/files/tenant-files.ts";
import { proofsOf } from "#domain/tenant/tenant-setup.ts";

export interface Endpoint {
  readonly url: string;
  end(): Promise<void>;
}

/** Tenant initech of the example setup with its pointers, as they lie in the table. */
const tenantItems = async (): Promise<object[]> => {
  const files = await readTenantFiles(".");
  const setup = files.verdict === "read" ? files.setups.find(({ tenant }) => tenant.tenantId === "initech") : undefined;
  if (setup === undefined) throw new Error("Cannot run the bench: the example tenant initech cannot be read");
  const proofs = proofsOf(setup.tenant);
  return [tenantItem(setup, proofs), ...proofs.map((proof) => pointerKey(proof, setup.tenant.tenantId))];
};

const started = {
  submissionId: "req.bench",
  tenantId: "initech",
  door: "queue",
  caller: "sender:AROAINITECHETL0000001",
  fingerprint: "fingerprint",
  acceptedAt: "2026-11-22T11:00:00.000Z",
  state: "started",
  input: JSON.stringify({ applicationId: "00sluicelocal001", clientToken: "req.bench", tags: { team: "etl" } }),
  applicationId: "00sluicelocal001",
  jobRunId: "00run000001",
  startedAt: "2026-11-22T11:00:01.000Z",
} as const;

const epochSeconds = 1_795_345_200;

/** GetJobRun's answer for a job run that has ended. */
const jobRun = {
  applicationId: started.applicationId,
  jobRunId: started.jobRunId,
  arn: `arn:aws:emr-serverless:us-east-1:111122223333:/applications/${started.applicationId}/jobruns/${started.jobRunId}`,
  name: "daily-load.req.bench",
  createdBy: "arn:aws:sts::111122223333:assumed-role/sluice/queue",
  createdAt: epochSeconds,
  updatedAt: epochSeconds + 300,
  startedAt: epochSeconds + 30,
  endedAt: epochSeconds + 300,
  executionRole: "arn:aws:iam::111122223333:role/sluice/jobs/initech",
  state: "SUCCESS",
  stateDetails: "Job completed successfully.",
  releaseLabel: "emr-7.10.0",
  jobDriver: { sparkSubmit: { entryPoint: "s3://initech-jobs/daily_load.py" } },
  tags: { "sluice:tenant": "initech", "sluice:submission": "req.bench" },
  totalResourceUtilization: { vCPUHour: 0.2, memoryGBHour: 0.8, storageGBHour: 1 },
  billedResourceUtilization: { vCPUHour: 0.2, memoryGBHour: 0.8, storageGBHour: 0 },
  totalExecutionDurationSeconds: 270,
  attempt: 1,
  mode: "BATCH",
};

/** Starts the endpoint's process, built file `file`; it ends with ours at the latest. */
export const startEndpoint = async (file: string, directory: string): Promise<Endpoint> => {
  const canned = join(directory, "canned.json");
  await writeFile(canned, JSON.stringify({ items: [...(await tenantItems()), submissionItem(started)], jobRun }));
  const child = spawn(process.execPath, [file, canned], { stdio: ["pipe", "pipe", "inherit"], env: {} });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<string>((resolve, reject) => {
    lines.once("line", resolve);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`Cannot start the endpoint: it ended with code ${code}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    end: async () => {
      child.stdin.end();
      await ended;
    },
  };
};
