/**
 * Weighted fair queueing between tenants, by virtual time. Every turn costs its tenant 1/weight; the tenant that has
 * used least goes next. A tenant that begins to wait starts at the virtual time of now: it has no credit for the time
 * when it wanted nothing, and owes nothing for turns that nobody else wanted.
 */
export interface TurnState {
  /** Virtual time: what the tenant that had the last turn had used before it. */
  readonly clock: number;
  /** What each waiting tenant has used. A tenant that is not here counts as `clock`. */
  readonly used: Readonly<Record<string, number>>;
}

export const noTurns: TurnState = { clock: 0, used: {} };

const usedBy = ({ clock, used }: TurnState, tenantId: string): number =>
  Math.max(clock, Object.hasOwn(used, tenantId) ? (used[tenantId] ?? clock) : clock);

/** The tenant whose turn it is, among those that could start a job now; ties go by name, so that two dispatchers agree. */
export const nextTenant = (state: TurnState, tenantIds: readonly string[]): string | undefined =>
  [...tenantIds].sort((one, other) => usedBy(state, one) - usedBy(state, other) || (one < other ? -1 : 1))[0];

/** The state after a turn of a tenant. */
export const afterTurn = (state: TurnState, tenantId: string, weight: number): TurnState => {
  const clock = usedBy(state, tenantId);
  return { clock, used: { ...state.used, [tenantId]: clock + 1 / weight } };
};

/** Forgets the tenants that do not wait any more, unless they are ahead of the clock: a debt must not be shed by leaving. */
export const withoutAbsent = ({ clock, used }: TurnState, waiting: ReadonlySet<string>): TurnState => ({
  clock,
  used: Object.fromEntries(Object.entries(used).filter(([tenantId, at]) => waiting.has(tenantId) || at > clock)),
});

/** Priorities of a job request: 9 goes first. */
export const defaultPriority = 5;

/** Orders the waiting submissions of one tenant: higher priority first, then the earlier accepted, then by id. */
export const turnKeyOf = (priority: number, acceptedAt: string, submissionId: string): string =>
  `${9 - priority}#${acceptedAt}#${submissionId}`;
