import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
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
  return [
    tenantItem({ version: 1, setup }, proofs),
    ...proofs.map((proof) => pointerKey(proof, setup.tenant.tenantId)),
  ];
};

/** Starts the endpoint's process, built file `file`; it ends with ours at the latest. */
export const startEndpoint = async (file: string, directory: string): Promise<Endpoint> => {
  const canned = join(directory, "canned.json");
  await writeFile(canned, JSON.stringify(await tenantItems()));
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
