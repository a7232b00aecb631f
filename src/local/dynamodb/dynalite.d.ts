declare module "dynalite" {
  import type { Server } from "node:http";

  /** The part of dynalite's options that we use: https://github.com/architect/dynalite#readme */
  interface DynaliteOptions {
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
    /** A LevelDB directory; in memory without one. */
    path?: string;
  }
  function dynalite(options?: DynaliteOptions): Server;
  export = dynalite;
}
