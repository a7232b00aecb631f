import { createHash } from "node:crypto";

/** SHA-256 of a text, as proofs have it: in base64url. */
export const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("base64url");
