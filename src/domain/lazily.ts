/** Makes a value when it is first asked for: a cold start should not pay for schemas that its request does not need. */
export const lazily = <T extends object>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
};
