/** Lets things through at a rate, with a reserve for bursts. */
export type TokenBucket = {
  /** Takes one token; 0 when there was one, else ms until there will be. */
  take(nowMs?: number): number;
};

/** A full bucket of `burst` tokens that refills at `perSecond`. */
export function createTokenBucket(perSecond: number, burst: number): TokenBucket {
  let tokens = burst;
  let refilledAtMs = Date.now();

  return {
    take(nowMs = Date.now()) {
      // A clock set back gives nothing and takes nothing.
      tokens = Math.min(burst, tokens + (Math.max(0, nowMs - refilledAtMs) / 1_000) * perSecond);
      refilledAtMs = nowMs;
      if (tokens >= 1) {
        tokens -= 1;
        return 0;
      }
      return Math.ceil(((1 - tokens) / perSecond) * 1_000);
    },
  };
}
