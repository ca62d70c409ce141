import type { FlappingReport } from '@voltgate/shared/ports.ts';

/** Two devices with one id take it from each other again and again. */
export type Flapping = {
  /** A connection was taken over; `addresses` = of the two, as far as known. */
  takenOver(chargePointId: string, addresses: readonly string[], nowMs?: number): void;
};

export type FlappingOptions = {
  readonly flapTakeovers: number;
  readonly flapWindowMs: number;
  /** Called at most once per window and charge point. */
  readonly report: (report: FlappingReport) => void;
};

type Entry = { readonly firstAtMs: number; takeovers: number; reported: boolean; readonly addresses: Set<string> };

const MOST_CHARGE_POINTS = 10_000;
const MOST_ADDRESSES = 10;

/** Counts takeovers per charge point in windows; beyond the limit it is reported. */
export function createFlapping({ flapTakeovers, flapWindowMs, report }: FlappingOptions): Flapping {
  const entries = new Map<string, Entry>();

  function entryOf(chargePointId: string, nowMs: number): Entry {
    const known = entries.get(chargePointId);
    if (known && nowMs - known.firstAtMs < flapWindowMs) return known;
    const entry = { firstAtMs: nowMs, takeovers: 0, reported: false, addresses: new Set<string>() };
    entries.delete(chargePointId);
    entries.set(chargePointId, entry);
    if (entries.size > MOST_CHARGE_POINTS) {
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        break;
      }
    }
    return entry;
  }

  return {
    takenOver(chargePointId, addresses, nowMs = Date.now()) {
      const entry = entryOf(chargePointId, nowMs);
      entry.takeovers += 1;
      for (const address of addresses) if (entry.addresses.size < MOST_ADDRESSES) entry.addresses.add(address);
      if (entry.takeovers <= flapTakeovers || entry.reported) return;
      entry.reported = true;
      report({
        chargePointId,
        takeovers: entry.takeovers,
        addresses: [...entry.addresses],
        firstAtMs: entry.firstAtMs,
        lastAtMs: nowMs,
      });
    },
  };
}
