/** The longest delay that Node's timers take: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const longestDelayMs = 2 ** 31 - 1;

/** A timer that may be as long as a job run's timeout, 1,000,000 minutes, and that keeps no process alive. */
export function scheduleTimeout(delayMs: number, run: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (leftMs: number): void => {
    const partMs = Math.min(leftMs, longestDelayMs);
    timer = setTimeout(() => (leftMs > partMs ? wait(leftMs - partMs) : run()), partMs);
    timer.unref();
  };
  wait(delayMs);
  return () => clearTimeout(timer);
}
