interface Options<T> {
  /** Milliseconds, from any point. */
  now(): number;
  readonly freshMs: number;
  /** How long an absence is believed: shorter, so that what is new is soon found. */
  readonly absentMs: number;
  readonly maxEntries: number;
  isAbsent(value: T): boolean;
  /** Whether the last value stays good after this failure. */
  passes(error: unknown): boolean;
}

export interface Memo<T> {
  get(key: string): Promise<T>;
  /** Loads also what is still fresh. */
  reload(key: string): Promise<T>;
}

/**
 * Keeps what `load` gave for some seconds, and at most so many entries: those not asked for the longest go first.
 * Where a failure passes, the last value stays good; an absence does not, because it would be a refusal.
 */
export const memo = <T>(load: (key: string) => Promise<T>, options: Options<T>): Memo<T> => {
  const { now, freshMs, absentMs, maxEntries, isAbsent, passes } = options;
  const entries = new Map<string, { readonly value: T; readonly until: number }>();
  const loading = new Map<string, Promise<T>>();

  const keep = (key: string, value: T, forMs: number): T => {
    entries.delete(key);
    entries.set(key, { value, until: now() + forMs });
    for (const oldest of entries.keys()) {
      if (entries.size <= maxEntries) break;
      entries.delete(oldest);
    }
    return value;
  };

  const loadOrKeep = async (key: string): Promise<T> => {
    try {
      const value = await load(key);
      return keep(key, value, isAbsent(value) ? absentMs : freshMs);
    } catch (error) {
      const last = entries.get(key);
      if (!passes(error) || last === undefined || isAbsent(last.value)) throw error;
      return keep(key, last.value, absentMs);
    }
  };

  const reload = async (key: string): Promise<T> => {
    const running = loading.get(key) ?? loadOrKeep(key);
    loading.set(key, running);
    try {
      return await running;
    } finally {
      if (loading.get(key) === running) loading.delete(key);
    }
  };

  return {
    reload,
    async get(key) {
      const entry = entries.get(key);
      if (entry === undefined || entry.until <= now()) return await reload(key);
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
  };
};
