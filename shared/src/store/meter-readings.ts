import type { MeterReading } from '../ports.ts';
import { numbers, texts } from './arrays.ts';
import { ownTransactionId } from './border.ts';
import type { Pool, Sql } from './client.ts';
import { remeasureStopped } from './close-transaction.ts';
import { follow } from './follow.ts';
import { readingHappened } from './happening.ts';
import { advanceTransactions } from './live-energy.ts';
import { lockChargePoints } from './locks.ts';
import { type BoundSamples, insertSamples, learnWords } from './meter-values.ts';
import { keepOrphanReadings } from './orphans.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Most readings in one DB transaction: each charge point takes a place in the server's lock table. */
const MOST_AT_ONCE = 500;

/** `Store.meterReadings`. Greater sets are several DB transactions; each is idempotent, so a set that fails is sent again. */
export async function meterReadings(
  sql: Pool,
  vocabulary: Vocabulary,
  readings: readonly MeterReading[],
): Promise<void> {
  for (let from = 0; from < readings.length; from += MOST_AT_ONCE) {
    await keepReadings(sql, vocabulary, readings.slice(from, from + MOST_AT_ONCE));
  }
}

async function keepReadings(sql: Pool, vocabulary: Vocabulary, readings: readonly MeterReading[]): Promise<void> {
  await learnWords(
    vocabulary,
    readings.flatMap((reading) => reading.samples),
  );
  await sql.begin(async (tx) => {
    const [, known] = await Promise.all([
      lockChargePoints(tx, [...new Set(readings.map((reading) => reading.chargePointId))]),
      loadOwn(tx, readings),
    ]);
    const unknown = readings.filter((reading, index) => reading.transactionId !== undefined && !known.has(index));
    const meant = unknown.length === 0 ? [] : await keepOrphanReadings(tx, unknown);
    const meantBy = new Map(unknown.map((reading, index) => [reading, meant[index] ?? 0]));
    const bound = readings.map(
      (reading, index): BoundSamples => ({
        ...reading,
        transactionId: known.get(index)?.id ?? meantBy.get(reading) ?? 0,
      }),
    );
    await Promise.all([
      insertSamples(tx, vocabulary, bound),
      advanceTransactions(tx, bound),
      follow(tx, readings.map(readingHappened)),
    ]);
    const stopped = [...known.values()].filter((row) => row.status === 'stopped').map((row) => row.id);
    const late = [...stopped, ...meant.filter((id) => id !== 0)];
    if (late.length > 0) await remeasureStopped(tx, vocabulary, late);
  });
}

type Own = { readonly id: number; readonly status: string };

/** By place in the set: the transactions that are the charge point's own. */
async function loadOwn(sql: Sql, readings: readonly MeterReading[]): Promise<Map<number, Own>> {
  const ids = readings.map((reading) => ownTransactionId(reading.transactionId));
  if (ids.every((id) => id === null)) return new Map();
  const rows = await sql<(Own & { place: number })[]>`
    select said.place, t.id, t.status
    from unnest(${numbers(ids)}::int4[], ${texts(readings.map((reading) => reading.chargePointId))}::text[])
      with ordinality as said (id, charge_point_id, place)
    join transaction t on t.id = said.id and t.charge_point_id = said.charge_point_id`;
  return new Map(rows.map((row) => [row.place - 1, row]));
}
