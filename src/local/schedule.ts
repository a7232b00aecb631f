/** Runs something after a while and hands back the way to call it off. */
export type Schedule = (delayMs: number, run: () => void) => () => void;

/** Timers that do not keep the process alive. */
export const scheduleByTimer: Schedule = (delayMs, run) => {
  const timer = setTimeout(run, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
};
