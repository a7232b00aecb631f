import type { Machine } from "./machine.ts";
import { invalid, ServiceError } from "./service-error.ts";

/** JSON with its keys in order: two requests with the same parameters have the same text. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, member]) => [key, canonical(member)]);
}

/**
 * A token and its parameters stand for one resource of the account and Region, also after that has ended: what was
 * made is returned again. AWS documents neither the scope, nor how long a token is remembered (here: for ever), nor the
 * answer to other parameters, which is a setting. The 409 is modelled for StartJobRun and CreateApplication:
 * https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_StartJobRun.html
 */
export function oncePerToken<I extends { readonly clientToken: string }>(
  machine: Machine,
  operation: string,
  input: I,
  make: () => string,
): string {
  const { clientToken, ...parameters } = input;
  const { tokens } = machine.state;
  const key = `${operation}:${clientToken}`;
  const fingerprint = JSON.stringify(canonical(parameters));
  const seen = Object.hasOwn(tokens, key) ? tokens[key] : undefined;
  if (!seen) {
    const id = make();
    tokens[key] = { fingerprint, id };
    machine.changed("tokens", key);
    return id;
  }
  const { tokenMismatch } = machine.settings;
  if (seen.fingerprint === fingerprint || tokenMismatch === "replay") return seen.id;
  if (tokenMismatch === "validation") {
    throw invalid(`The client token ${clientToken} was already used with different parameters.`);
  }
  throw new ServiceError(
    "ConflictException",
    "The request could not be processed because of conflict in the current state of the resource.",
  );
}
