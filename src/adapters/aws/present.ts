type Optional<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];

/** The same fields without the undefined ones. */
export type Present<T> = Omit<T, Optional<T>> & { [K in Optional<T>]?: Exclude<T[K], undefined> };

/** Leaves undefined fields out: AWS's types spell an absent field as undefined, the domain as no field. */
export const present = <T extends object>(fields: T): Present<T> => {
  const entries: unknown[][] = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries);
};
