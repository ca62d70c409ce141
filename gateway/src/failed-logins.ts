/** Wrong credentials by address. */
export type FailedLogins = {
  /** True for a minute after the address failed too often within one. */
  isBlocked(address: string, nowMs?: number): boolean;
  failed(address: string, nowMs?: number): void;
};

type Entry = { readonly sinceMs: number; failures: number; blockedUntilMs: number };

const MINUTE_MS = 60_000;
const MOST_ADDRESSES = 10_000;

/** Remembers the 10,000 addresses that failed last; `perMinute` 0 blocks nobody. */
export function createFailedLogins(perMinute: number): FailedLogins {
  const entries = new Map<string, Entry>();

  return {
    isBlocked: (address, nowMs = Date.now()) => (entries.get(address)?.blockedUntilMs ?? 0) > nowMs,
    failed(address, nowMs = Date.now()) {
      if (perMinute === 0) return;
      const known = entries.get(address);
      const entry =
        known && nowMs - known.sinceMs < MINUTE_MS ? known : { sinceMs: nowMs, failures: 0, blockedUntilMs: 0 };
      entry.failures += 1;
      if (entry.failures >= perMinute) entry.blockedUntilMs = nowMs + MINUTE_MS;
      // The newest goes to the end, so that the first is the one to forget.
      entries.delete(address);
      entries.set(address, entry);
      if (entries.size <= MOST_ADDRESSES) return;
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        break;
      }
    },
  };
}
