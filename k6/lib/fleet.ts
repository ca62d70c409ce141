import exec from 'k6/execution';
import { register } from './api.ts';
import type { Respond } from './calls.ts';
import { type Charge, type ChargeOptions, charge } from './charge.ts';
import { type ChargePoint, createChargePoint } from './charge-point.ts';
import { reconciledChargers } from './metrics.ts';
import { pause } from './pause.ts';
import { reconcile } from './reconcile.ts';
import { settings } from './settings.ts';

/** What setup hands to every VU. */
export type Run = { readonly name: string; readonly startedAtMs: number };

/** One charger of this VU, and what it did. */
export type Charger = {
  readonly index: number;
  readonly chargePoint: ChargePoint;
  readonly idTag: string;
  /** A transaction that is compared at the end. */
  charge(options?: Partial<ChargeOptions>): Promise<void>;
  /** Compares what has not been compared yet, and forgets it. */
  reconcile(): Promise<void>;
};

export type FleetOptions = {
  readonly expectedCodes?: readonly number[];
  /** How a charger answers Calls. */
  readonly respond?: (id: string) => Respond;
};

const FLUSH_MS = 60_000;

/** Registers the whole fleet through the API: the `setup` of every script. */
export function setUpFleet(chargers = settings.chargers): Run {
  if (settings.apiKey === '') throw new Error('API_KEY is not set: the key of an admin');
  const name = `${settings.prefix}-${settings.run || Date.now().toString(36)}`;
  register(Array.from({ length: chargers }, (_, index) => idOf(name, index)));
  return { name, startedAtMs: Date.now() };
}

/**
 * The chargers of this VU live their life at the same time, each connected at its turn, then compare and disconnect. To be
 * called once per VU.
 */
export async function liveFleet(
  run: Run,
  live: (charger: Charger) => Promise<void>,
  options: FleetOptions = {},
): Promise<void> {
  const first = (exec.vu.idInTest - 1) * settings.socketsPerVu;
  const count = Math.min(settings.socketsPerVu, settings.chargers - first);
  const indexes = Array.from({ length: Math.max(0, count) }, (_, offset) => first + offset);
  const chargers = await Promise.all(
    indexes.map(async (index) => {
      const charger = createCharger(run, index, options);
      await pause(run.startedAtMs + (index / settings.connectRate) * 1_000 - Date.now());
      await charger.chargePoint.start();
      await live(charger);
      await charger.chargePoint.flush(FLUSH_MS);
      return charger;
    }),
  );
  // One after the other: reading the API is no part of the load.
  for (const charger of chargers) {
    await charger.reconcile();
    reconciledChargers.add(1);
  }
  for (const { chargePoint } of chargers) chargePoint.stop();
}

function createCharger(run: Run, index: number, { expectedCodes, respond }: FleetOptions): Charger {
  const id = idOf(run.name, index);
  const chargePoint = createChargePoint({
    id,
    ...(expectedCodes && { expectedCodes }),
    ...(respond && { respond: respond(id) }),
  });
  const known = new Set<number>();
  let finished: Charge[] = [];
  return {
    index,
    chargePoint,
    idTag: id,
    async charge(given) {
      const done = await charge(chargePoint, { idTag: id, ...given });
      if (done) finished.push(done);
    },
    async reconcile() {
      const charges = finished;
      finished = [];
      await reconcile(id, charges, known);
      for (const { transactionId } of charges) known.add(transactionId);
    },
  };
}

/** At most 20 characters, so that it is an idTag as well. */
function idOf(name: string, index: number): string {
  return `${name}-${index}`;
}
