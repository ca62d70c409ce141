/** What liveness is judged by. */
export type SignsOfLife = {
  /** Any frame or pong, ms since 1970. */
  readonly lastSeenAtMs: number;
  /** Some chargers never answer a ping: their silence between frames says nothing. */
  readonly everPonged: boolean;
};

export type LivenessOptions = { readonly pingIntervalMs: number; readonly heartbeatIntervalSeconds: number };

/** Longest extra wait for a pong on a slow mobile network. */
const GRACE_MS = 5_000;
const HEARTBEATS = 2.5;

/**
 * Longest silence of a living charger, in ms. One that answers pings: two of them and a grace. One that never did: 2.5
 * heartbeat intervals, never less than 2.5 ping intervals.
 */
export function longestSilenceMs(everPonged: boolean, options: LivenessOptions): number {
  const { pingIntervalMs } = options;
  if (everPonged) return 2 * pingIntervalMs + Math.min(GRACE_MS, pingIntervalMs);
  return HEARTBEATS * Math.max(options.heartbeatIntervalSeconds * 1_000, pingIntervalMs);
}

/** True when the charger was silent for too long; a half-open socket shows no other sign. */
export function isDead(signs: SignsOfLife, options: LivenessOptions, nowMs: number): boolean {
  return nowMs - signs.lastSeenAtMs > longestSilenceMs(signs.everPonged, options);
}
