import { readAll } from './api.ts';
import type { Charge } from './charge.ts';
import { faults, reconciledEnergyWh, reconciledSamples, reconciledTransactions } from './metrics.ts';
import { pause } from './pause.ts';
import { settings } from './settings.ts';

type ShownTransaction = { readonly id: number; readonly status: string; readonly energyWh: number | null };
type ShownSample = { readonly sampledAt: string; readonly measurand: string; readonly value: number | null };

const LOOK_AGAIN_MS = 1_000;

/**
 * Compares what a charger was answered with what the API shows: every transaction once and under its id, with exactly its
 * energy, and every sample once and with its value. `known` are ids compared before. Differences go to the counters that may not count.
 */
export async function reconcile(id: string, charges: readonly Charge[], known: ReadonlySet<number>): Promise<void> {
  const rows = await readAll<ShownTransaction>(`/charge-points/${id}/transactions`, 'GET transactions');
  const shown = new Map(rows.map((row) => [row.id, row]));
  const told = new Set([...known, ...charges.map(({ transactionId }) => transactionId)]);
  // What is stored and was never answered: a Start that was counted twice.
  faults.duplicatedTransactions.add(rows.filter((row) => !told.has(row.id)).length + rows.length - shown.size);
  for (const { transactionId, energyWh, samples } of charges) {
    const row = shown.get(transactionId);
    faults.lostTransactions.add(row?.status === 'stopped' ? 0 : 1);
    const difference = (row?.energyWh ?? 0) - energyWh;
    faults.lostEnergyWh.add(Math.max(0, -difference));
    faults.duplicatedEnergyWh.add(Math.max(0, difference));
    await reconcileSamples(transactionId, samples);
    reconciledTransactions.add(1);
    reconciledEnergyWh.add(energyWh);
  }
}

/** An acknowledged sample is in the queue: it may take a moment until it is a row. */
async function reconcileSamples(transactionId: number, samples: ReadonlySet<string>): Promise<void> {
  const endMs = Date.now() + settings.settleSeconds * 1_000;
  for (;;) {
    const rows = await readAll<ShownSample>(`/transactions/${transactionId}/meter-values`, 'GET meter values');
    const keys = rows.map(
      ({ sampledAt, measurand, value }) => `${new Date(sampledAt).toISOString()} ${measurand} ${value}`,
    );
    const stored = new Set(keys);
    const missing = [...samples].filter((key) => !stored.has(key)).length;
    if (missing > 0 && Date.now() < endMs) {
      await pause(LOOK_AGAIN_MS);
      continue;
    }
    faults.lostSamples.add(missing);
    // Once too often, or never sent.
    faults.duplicatedSamples.add(keys.length - (samples.size - missing));
    reconciledSamples.add(samples.size);
    return;
  }
}
