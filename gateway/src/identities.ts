import { identify } from '@voltgate/shared/letters/identify.ts';
import type { KnownChargePoint } from '@voltgate/shared/ports.ts';
import type { AskWorker } from './asks.ts';

/** What this gateway knows of charge points, asked from a worker and kept for a while. */
export type Identities = {
  /** The charge point, or null when nobody knows it. Rejects when no worker answers and nothing is remembered. */
  find(chargePointId: string): Promise<KnownChargePoint | null>;
};

export type IdentitiesOptions = {
  readonly ask: AskWorker;
  readonly adopt: boolean;
  readonly ttlMs: number;
};

type Entry = { readonly known: KnownChargePoint | null; readonly untilMs: number };

/** An operator who registers a charger should not wait for the charger's next but one attempt. */
const UNKNOWN_TTL_MS = 1_000;
const MOST_ENTRIES = 50_000;

/**
 * Asks once for requests that come at the same time. An entry past its time is still good when no worker answers: a known
 * charger gets in while the database is away.
 */
export function createIdentities({ ask, adopt, ttlMs }: IdentitiesOptions): Identities {
  const entries = new Map<string, Entry>();
  const questions = new Map<string, Promise<KnownChargePoint | null>>();

  async function question(chargePointId: string): Promise<KnownChargePoint | null> {
    const stale = entries.get(chargePointId);
    try {
      const { known } = await ask(identify, chargePointId, { chargePointId, adopt });
      remember(chargePointId, known);
      return known;
    } catch (error) {
      if (stale?.known) return stale.known;
      throw error;
    }
  }

  function remember(chargePointId: string, known: KnownChargePoint | null): void {
    entries.delete(chargePointId);
    entries.set(chargePointId, { known, untilMs: Date.now() + (known ? ttlMs : Math.min(ttlMs, UNKNOWN_TTL_MS)) });
    if (entries.size <= MOST_ENTRIES) return;
    for (const oldest of entries.keys()) {
      entries.delete(oldest);
      break;
    }
  }

  return {
    find(chargePointId) {
      const entry = entries.get(chargePointId);
      if (entry && entry.untilMs > Date.now()) return Promise.resolve(entry.known);
      const underWay = questions.get(chargePointId);
      if (underWay) return underWay;
      const asked = question(chargePointId).finally(() => questions.delete(chargePointId));
      questions.set(chargePointId, asked);
      return asked;
    },
  };
}
