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

/** The methods of a port that is called through a proxy. */
export const spread = (own: Services["starts"]): Services["starts"] => ({
  enter: own.enter,
  queueUp: own.queueUp,
  queueBehind: own.queueBehind,
  takeTurn: own.takeTurn,
  giveBack: own.giveBack,
  leave: own.leave,
  leaveLine: own.leaveLine,
  line: own.line,
  correctWaiting: own.correctWaiting,
  suspect: own.suspect,
  suspend: own.suspend,
  waitingTenants: own.waitingTenants,
  activeTenants: own.activeTenants,
  takeTokens: own.takeTokens,
  returnTokens: own.returnTokens,
  holdTokens: own.holdTokens,
  emptyBucket: own.emptyBucket,
  lead: own.lead,
  keepTurns: own.keepTurns,
});
