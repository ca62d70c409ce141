import { identify } from '@voltgate/shared/letters/identify.ts';
import type { KnownChargePoint } from '@voltgate/shared/ports.ts';
import type { AskWorker } from './asks.ts';

/** What this gateway knows of charge points, asked from a worker and kept for a while. */
export type Identities = {
  /** The charge point, or null when nobody knows it. Rejects when no worker answers and nothing is remembered. */
  find(chargePointId: string): Promise<KnownChargePoint | null>;
  /** The charge point as a worker knows it now; an unknown one is not adopted. Rejects when no worker answers. */
  look(chargePointId: string): Promise<KnownChargePoint | null>;
  /** Nothing is remembered of it, and an answer under way is not remembered either. */
  forget(chargePointId: string): void;
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
  /** How many changes were heard of. */
  let changes = 0;

  async function question(chargePointId: string): Promise<KnownChargePoint | null> {
    const stale = entries.get(chargePointId);
    const change = changes;
    try {
      const { known } = await ask(identify, chargePointId, { chargePointId, adopt });
      // What was asked before a change may have been answered before it too.
      if (change === changes) remember(chargePointId, known);
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
      const asked = question(chargePointId).finally(() => {
        if (questions.get(chargePointId) === asked) questions.delete(chargePointId);
      });
      questions.set(chargePointId, asked);
      return asked;
    },
    look: async (chargePointId) => (await ask(identify, chargePointId, { chargePointId, adopt: false })).known,
    forget(chargePointId) {
      changes += 1;
      entries.delete(chargePointId);
      questions.delete(chargePointId);
    },
  };
}
