/** Sequence numbers of FIFO queues: 20 digits, greater with every message, also over a restart. */
export function createSequenceNumbers(now: () => number): () => string {
  let last = 0n;
  return () => {
    // A million per millisecond before one would have to run ahead of the clock.
    const next = BigInt(now()) * 1_000_000n;
    last = next > last ? next : last + 1n;
    return String(last).padStart(20, "0");
  };
}
