/** Runs something again and again, never twice at once; `end` waits for what is under way. */
export const every = (milliseconds: number, run: () => Promise<unknown>): { end(): Promise<void> } => {
  let underWay: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    underWay ??= run()
      .catch((error: unknown) => console.error("A scheduled function failed:", error))
      .finally(() => {
        underWay = undefined;
      });
  }, milliseconds);
  timer.unref();
  return {
    end: async () => {
      clearInterval(timer);
      await underWay;
    },
  };
};
