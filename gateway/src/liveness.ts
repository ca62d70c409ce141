/** What liveness is judged by. */
export type SignsOfLife = {
  /** Any frame or pong, by `performance.now()`: a wall clock that is set must close nobody. */
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

/** True when the charger was silent for too long at `nowMs` of the same clock; a half-open socket shows no other sign. */
export function isDead(signs: SignsOfLife, options: LivenessOptions, nowMs: number): boolean {
  return nowMs - signs.lastSeenAtMs > longestSilenceMs(signs.everPonged, options);
}

/** uWebSockets.js takes 0, which is off, or 8 to 960 s; anything else ends the process. */
const IDLE_SECONDS = { least: 8, most: 960 };
const IDLE_MARGIN_SECONDS = 10;

/**
 * When the socket library may close a silent connection by itself, in seconds; 0 = never. Always later than `isDead` would
 * have been noticed, so that it only ends what is left of sockets closed here already; where it cannot wait so long, never.
 */
export function idleTimeoutSeconds(options: LivenessOptions): number {
  const silenceMs = Math.max(longestSilenceMs(true, options), longestSilenceMs(false, options));
  const seconds = Math.ceil((silenceMs + options.pingIntervalMs) / 1_000) + IDLE_MARGIN_SECONDS;
  return seconds > IDLE_SECONDS.most ? 0 : Math.max(IDLE_SECONDS.least, seconds);
}
