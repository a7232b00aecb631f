import { buildFunctions } from "../build.ts";

/** Tests run the functions as they are deployed. */
export const setup = async (): Promise<void> => await buildFunctions("dist/functions");
