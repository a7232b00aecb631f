import type { Services } from "#domain/ports.ts";
import type { SharedPorts, Variant, World } from "../world.ts";

/** A variant that is broken on purpose, and the seed that shows it. */
export interface Mutant extends Variant {
  readonly seed: number;
}

export type Change = NonNullable<Variant["ports"]>;

export const submissions =
  (change: (own: SharedPorts["submissions"], world: World) => Partial<SharedPorts["submissions"]>): Change =>
  (ports, world) => ({ ...ports, submissions: { ...ports.submissions, ...change(ports.submissions, world) } });

export const starts =
  (change: (own: SharedPorts["starts"], world: World) => Partial<SharedPorts["starts"]>): Change =>
  (ports, world) => ({ ...ports, starts: { ...ports.starts, ...change(ports.starts, world) } });

export const jobRuns =
  (change: (ports: SharedPorts) => Partial<SharedPorts["jobRuns"]>): Change =>
  (ports) => ({ ...ports, jobRuns: { ...ports.jobRuns, ...change(ports) } });

/** What one instance gets, with some of its calls of slots and tokens in another way. */
export const withStarts = (services: Services, change: Partial<Services["starts"]>): Services => ({
  ...services,
  starts: new Proxy(services.starts, { get: (own, name) => Reflect.get(change, name) ?? Reflect.get(own, name) }),
});
