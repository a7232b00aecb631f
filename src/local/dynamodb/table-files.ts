import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { join } from "node:path";
import { finishTables, putItemsAgain } from "./repair.ts";
import { type Ask, listTables } from "./table-calls.ts";

interface Opened {
  readonly server: Server;
  readonly ask: Ask;
}

/**
 * Tables on disk. A write of LevelDB is with the operating system when it is answered, so a process that is killed
 * loses none. But dynalite writes an item and its entries in the indexes one after the other, and a kill in between
 * would leave an item that no index finds: after a kill the indexes are made anew from the items.
 */
export async function openTableFiles(
  directory: string,
  open: (path: string) => Opened,
): Promise<{ ask: Ask; end: () => Promise<void> }> {
  const path = join(directory, "tables");
  const inUse = join(directory, "in-use");
  await mkdir(path, { recursive: true });
  const killed = existsSync(inUse);
  await writeFile(inUse, "");
  if (killed) await finishTables(path);
  const { server, ask } = open(path);
  // dynalite opens its files at its leisure: the first answer tells that they are open.
  await listTables(ask);
  if (killed) await putItemsAgain(ask);
  return {
    ask,
    end: async () => {
      await close(server);
      await rm(inUse);
    },
  };
}

/** dynalite closes its files with its server, and only a server that listens can be closed. */
async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
}
