import { hiveArguments } from "./hive-arguments.ts";
import type { ReadArguments } from "./read-arguments.ts";
import type { Reader } from "./setting.ts";
import { sparkArguments } from "./spark-arguments.ts";

/** How an engine is told its properties. */
export interface Engine {
  readonly name: "Spark" | "Hive";
  /** What the changes of its properties are listed under. */
  readonly field: "spark" | "hive";
  readonly parametersPath: readonly string[];
  /** The option that sets a property. */
  readonly option: string;
  /** The classification of its own properties. */
  readonly classification: string;
  /** Who reads what the parameters set; Hive makes each of its own a system property too (OptionsProcessor). */
  readonly reader: Reader;
  readonly read: (tokens: readonly string[]) => ReadArguments;
}

export const sparkEngine: Engine = {
  name: "Spark",
  field: "spark",
  parametersPath: ["jobDriver", "sparkSubmit", "sparkSubmitParameters"],
  option: "--conf",
  classification: "spark-defaults",
  reader: "spark",
  read: sparkArguments,
};

export const hiveEngine: Engine = {
  name: "Hive",
  field: "hive",
  parametersPath: ["jobDriver", "hive", "parameters"],
  option: "--hiveconf",
  classification: "hive-site",
  reader: "system",
  read: hiveArguments,
};
