import type { Outcomes } from '../ports.ts';

type Kept = { readonly fingerprint: string; outcome: string | null; endsAtMs: number };

/** Outcomes inside one process. At most `most` are kept: beyond them the oldest is forgotten. */
export function createMemoryOutcomes({ most = 10_000, now = Date.now } = {}): Outcomes {
  const outcomes = new Map<string, Kept>();

  function find(key: string): Kept | undefined {
    const kept = outcomes.get(key);
    if (kept && kept.endsAtMs > now()) return kept;
    outcomes.delete(key);
    return undefined;
  }

  return {
    async begin(key, fingerprint, ttlMs) {
      const kept = find(key);
      if (kept) {
        if (kept.fingerprint !== fingerprint) return { state: 'other-request' };
        return kept.outcome === null ? { state: 'under-way' } : { state: 'settled', outcome: kept.outcome };
      }
      outcomes.set(key, { fingerprint, outcome: null, endsAtMs: now() + ttlMs });
      const oldest = outcomes.keys().next().value;
      if (outcomes.size > most && oldest !== undefined) outcomes.delete(oldest);
      return { state: 'begun' };
    },
    async settle(key, outcome, ttlMs) {
      const kept = find(key);
      if (!kept || kept.outcome !== null) return;
      kept.outcome = outcome;
      kept.endsAtMs = now() + ttlMs;
    },
    async close() {
      outcomes.clear();
    },
  };
}
