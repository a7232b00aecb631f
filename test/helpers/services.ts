import { createHash } from "node:crypto";
import { memoryEvents } from "#adapters/memory/memory-events.ts";
import { memoryJobRuns } from "#adapters/memory/memory-job-runs.ts";
import { memorySubmissions } from "#adapters/memory/memory-submissions.ts";
import { memoryTenants } from "#adapters/memory/memory-tenants.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { noon, sampleSetup } from "./setup.ts";

/** All that the domain needs, in memory, at noon. */
export const sampleServices = (setup: TenantSetup = sampleSetup()) => ({
  submissions: memorySubmissions(),
  tenants: memoryTenants([setup]),
  jobRuns: memoryJobRuns({ now: () => noon }),
  events: memoryEvents(),
  now: () => noon,
  newId: () => "6a7e8feb-b491",
  digest: (text: string): string => createHash("sha256").update(text).digest("base64url"),
});

export type SampleServices = ReturnType<typeof sampleServices>;

/** The port, whose method does its work and then fails, once: what a crash right after a step looks like. */
export const crashingAfter = <Port extends object>(port: Port, method: keyof Port & string): Port => {
  let crashed = false;
  const get = (target: Port, key: string | symbol): unknown => {
    const member: unknown = Reflect.get(target, key);
    if (key !== method || typeof member !== "function") return member;
    return async (...given: unknown[]): Promise<unknown> => {
      const result: unknown = await Reflect.apply(member, target, given);
      if (crashed) return result;
      crashed = true;
      throw new Error(`crash after ${method}`);
    };
  };
  return new Proxy(port, { get });
};

/** The port, whose method fails as long as `error` gives something to fail with. */
export const failingWith = <Port extends object>(
  port: Port,
  method: keyof Port & string,
  error: () => Error | undefined,
): Port => {
  const get = (target: Port, key: string | symbol): unknown => {
    const member: unknown = Reflect.get(target, key);
    if (key !== method || typeof member !== "function") return member;
    return async (...given: unknown[]): Promise<unknown> => {
      const thrown = error();
      if (thrown !== undefined) throw thrown;
      return await Reflect.apply(member, target, given);
    };
  };
  return new Proxy(port, { get });
};
