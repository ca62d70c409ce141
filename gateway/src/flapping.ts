import type { FlappingReport, Takeovers } from '@voltgate/shared/ports.ts';

/** Two devices with one id take it from each other again and again. */
export type Flapping = {
  /** A connection here took over; `addresses` = of the two, as far as known; `takeovers` = by whichever gateway. */
  takenOver(chargePointId: string, addresses: readonly string[], takeovers: Takeovers, nowMs?: number): void;
};

export type FlappingOptions = {
  readonly flapTakeovers: number;
  /** Called at most once per window and charge point. */
  readonly report: (report: FlappingReport) => void;
};

type Entry = { readonly sinceMs: number; reported: boolean; readonly addresses: Set<string> };

const MOST_CHARGE_POINTS = 10_000;
const MOST_ADDRESSES = 10;

/**
 * Reports what the registry counted beyond the limit: the two devices may be on different gateways. Each gateway that sees
 * more reports once per window, since each knows addresses of its own; the store puts them together.
 */
export function createFlapping({ flapTakeovers, report }: FlappingOptions): Flapping {
  const entries = new Map<string, Entry>();

  function entryOf(chargePointId: string, sinceMs: number): Entry {
    const known = entries.get(chargePointId);
    if (known?.sinceMs === sinceMs) return known;
    const entry = { sinceMs, reported: false, addresses: new Set<string>() };
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
    takenOver(chargePointId, addresses, { count, sinceMs }, nowMs = Date.now()) {
      const entry = entryOf(chargePointId, sinceMs);
      for (const address of addresses) if (entry.addresses.size < MOST_ADDRESSES) entry.addresses.add(address);
      if (count <= flapTakeovers || entry.reported) return;
      entry.reported = true;
      report({
        chargePointId,
        takeovers: count,
        addresses: [...entry.addresses],
        firstAtMs: sinceMs,
        lastAtMs: nowMs,
      });
    },
  };
}
