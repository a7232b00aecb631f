/** Whether two JSON values say the same: the order of keys says nothing, that of lists does. */
export const isSame = (one: unknown, other: unknown): boolean => {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [entries, others] = [present(one), new Map(present(other))];
  return (
    entries.length === others.size && entries.every(([key, value]) => others.has(key) && isSame(value, others.get(key)))
  );
};

/** A field without a value is no field: JSON does not have it. */
const present = (value: object): [string, unknown][] =>
  Object.entries(value).filter(([, field]) => field !== undefined);
