import { setTimeout as sleep } from 'node:timers/promises';
import { type ChargePoint, createChargePoint, type Transaction } from '../support/charge-point/charge-point.ts';
import { type Day, runDay } from '../support/charge-point/run-day.ts';
import type { Running } from './launch.ts';
import type { Report } from './report.ts';
import { dayScreen, transactionScreen } from './screen.ts';

/** A finished transaction as both sides know it. */
export type FinishedTransaction = {
  readonly transactionId: number;
  readonly chargePointId: string;
  /** Null when the API does not know it, or not as finished. */
  readonly apiEnergyWh: number | null;
  readonly chargerEnergyWh: number;
  readonly same: boolean;
};

/** All transactions of a day, summed up. */
export type FinishedDay = {
  readonly chargers: number;
  readonly transactions: number;
  readonly apiEnergyWh: number;
  readonly chargerEnergyWh: number;
  /** How many are not the same on both sides. */
  readonly different: number;
};

/** What a demonstration needs to know of what runs. */
type Scene = Pick<Running, 'ocppUrl' | 'apiUrl'> & { readonly cluster: Pick<Running['cluster'], 'apiKey'> };

/** A day in a minute. */
const SPEED = 1_440;
const DAY_MS = 24 * 3_600_000;
const HOUR = 3_600;
const SESSIONS: Omit<Day, 'idTag'> = {
  sessions: 4,
  sessionSeconds: 2 * HOUR,
  meterIntervalSeconds: HOUR / 4,
  pauseSeconds: 4 * HOUR,
};
/** kW of cars, so that not every charger tells the same story. */
const POWERS_W = [11_000, 22_000, 7_400, 3_700];
/** Upgrades at one time stay few: real chargers do not all come in the same millisecond either. */
const SPREAD_MS = 20;

/** The idTag of one demonstration charger. */
export function idTagOf(index: number): string {
  return `DEMO-TAG-${index + 1}`;
}

/**
 * Lets chargers live the last 24 hours in a minute. Reports the first finished transaction, then the whole day, each
 * compared with what the API says. Returns at once; the function returned switches the chargers off.
 */
export function demonstrate(scene: Scene, count: number, report: Report): () => Promise<void> {
  const over = new AbortController();
  const chargers = Array.from({ length: count }, (_, index) => createCharger(scene, index));
  const days = Promise.all(chargers.map((charger, index) => live(charger, index, over.signal)));
  const showFirst = async () => {
    const first = await firstFinished(chargers, over.signal);
    const compared = await compare(scene, first.chargePointId, first.transaction, over.signal);
    report.event('transaction', compared);
    report.screen(transactionScreen(compared));
  };
  const story = (async () => {
    await Promise.all([days, showFirst()]);
    const day = await sumUp(scene, chargers, over.signal);
    report.event('day', day);
    report.screen(dayScreen(day));
  })().catch((error: unknown) => {
    if (!over.signal.aborted) report.progress(`the demonstration failed: ${String(error)}`);
  });
  return async () => {
    over.abort();
    await Promise.all(chargers.map((charger) => charger.stop()));
    await story;
  };
}

function createCharger({ ocppUrl }: Scene, index: number): ChargePoint {
  return createChargePoint({
    url: ocppUrl,
    id: `DEMO-${index + 1}`,
    speed: SPEED,
    // The day ends now: a clock ahead of ours would be flagged, and rightly.
    startAt: new Date(Date.now() - DAY_MS),
    powerW: POWERS_W[index % POWERS_W.length] ?? 11_000,
    keepFrames: false,
    keepSamples: false,
  });
}

async function live(charger: ChargePoint, index: number, over: AbortSignal): Promise<void> {
  await sleep(index * SPREAD_MS, undefined, { signal: over });
  charger.start();
  await charger.ready(60_000, over);
  await runDay(charger, { ...SESSIONS, idTag: idTagOf(index), signal: over });
}

async function firstFinished(
  chargers: readonly ChargePoint[],
  over: AbortSignal,
): Promise<{ readonly chargePointId: string; readonly transaction: Readonly<Transaction> }> {
  for (;;) {
    for (const charger of chargers) {
      const transaction = charger.report().transactions.find((each) => each.stopConfirmed);
      if (transaction) return { chargePointId: charger.id, transaction };
    }
    await sleep(100, undefined, { signal: over });
  }
}

async function compare(
  { apiUrl, cluster }: Scene,
  chargePointId: string,
  { transactionId = 0, meterStartWh, meterStopWh = meterStartWh }: Readonly<Transaction>,
  over: AbortSignal,
): Promise<FinishedTransaction> {
  const response = await fetch(`${apiUrl}/api/v1/transactions/${transactionId}`, {
    headers: { authorization: `Bearer ${cluster.apiKey}` },
    signal: over,
  });
  const body = response.ok
    ? ((await response.json()) as { readonly chargePointId?: string; readonly energyWh?: number | null })
    : {};
  const apiEnergyWh = body.chargePointId === chargePointId ? (body.energyWh ?? null) : null;
  const chargerEnergyWh = meterStopWh - meterStartWh;
  return { transactionId, chargePointId, apiEnergyWh, chargerEnergyWh, same: apiEnergyWh === chargerEnergyWh };
}

async function sumUp(scene: Scene, chargers: readonly ChargePoint[], over: AbortSignal): Promise<FinishedDay> {
  const sums = { chargers: chargers.length, transactions: 0, apiEnergyWh: 0, chargerEnergyWh: 0, different: 0 };
  for (const charger of chargers) {
    for (const transaction of charger.report().transactions) {
      over.throwIfAborted();
      const compared = await compare(scene, charger.id, transaction, over);
      sums.transactions += 1;
      sums.apiEnergyWh += compared.apiEnergyWh ?? 0;
      sums.chargerEnergyWh += compared.chargerEnergyWh;
      if (!compared.same) sums.different += 1;
    }
  }
  return sums;
}
