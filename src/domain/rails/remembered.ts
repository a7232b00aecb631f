/** How many keys are remembered: tenants set the same few hundred again and again. */
const most = 2_000;

/** A function of a key that is asked for the same keys by every job: it thinks once, and forgets all when it knows too much. */
export const remembered = <T>(read: (key: string) => T): ((key: string) => T) => {
  const known = new Map<string, { readonly value: T }>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found.value;
    if (known.size >= most) known.clear();
    const value = read(key);
    known.set(key, { value });
    return value;
  };
};
