import { parseJson } from '../ocpp16/json.ts';
import { isPlausibleClock, normaliseSamples } from '../ocpp16/meter-engine.ts';
import type { MeterValue, Sample } from '../ocpp16/types.ts';
import type { Sql } from './client.ts';
import { closeTransaction, remeasureStopped } from './close-transaction.ts';
import { loadGroups } from './id-tags.ts';
import { advanceTransactions } from './live-energy.ts';
import { type BoundSamples, rebindSamples, recallWords } from './meter-values.ts';
import { loadWaitingStops, markMatched, type OrphanStop, takeWaitingReadings } from './orphans.ts';
import { loadUnstopped, type TransactionRow } from './transaction-row.ts';
import type { Vocabulary } from './vocabulary.ts';

/** An orphan Stop that names no transaction ends the one that fits. None or several: it waits. */
export async function matchStop(
  sql: Sql,
  vocabulary: Vocabulary,
  chargePointId: string,
  stop: OrphanStop,
): Promise<void> {
  const unstopped = await loadUnstopped(sql, chargePointId);
  const meant = transactionOf(stop, unstopped, await groupsOf(sql, [stop], unstopped));
  if (meant) await stopByOrphan(sql, vocabulary, meant, stop, stop.receivedAt);
}

/** A new transaction may have been stopped already: the earliest waiting Stop that fits it, and no other, ends it. */
export async function matchStart(
  sql: Sql,
  vocabulary: Vocabulary,
  start: Pick<TransactionRow, 'id' | 'chargePointId' | 'startedAt' | 'meterStartWh'> & { readonly receivedAt: Date },
): Promise<void> {
  // Two sessions of a clock that was never set cannot be told apart, and a Stop kept from the first would end the second.
  if (!isPlausibleClock(start.startedAt, start.receivedAt)) return;
  const waiting = (await loadWaitingStops(sql, start)).filter((stop) => isPlausibleClock(stop.at, stop.receivedAt));
  if (waiting.length === 0) return;
  const open = (await loadUnstopped(sql, start.chargePointId)).filter((row) => row.status !== 'stopped');
  const groupOf = await groupsOf(sql, waiting, open);
  for (const stop of waiting) {
    const meant = transactionOf(stop, open, groupOf);
    if (meant?.id === start.id) return stopByOrphan(sql, vocabulary, meant, stop, start.receivedAt);
  }
}

function groupsOf(sql: Sql, stops: readonly OrphanStop[], rows: readonly TransactionRow[]) {
  return loadGroups(sql, [...stops.flatMap((stop) => stop.idTagKey ?? []), ...rows.map((row) => row.idTagKey)]);
}

/** Open ones go before those closed by policy. Without an idTag only the charge point's one open transaction is meant. */
function transactionOf(
  stop: OrphanStop,
  rows: readonly TransactionRow[],
  groupOf: (key: string) => string,
): TransactionRow | null {
  const open = rows.filter((row) => row.status !== 'stopped');
  const closed = rows.filter((row) => row.status === 'stopped');
  if (stop.idTagKey === null && open.length > 1) return null;
  const fitting = (candidates: readonly TransactionRow[]) => candidates.filter((row) => fits(stop, row, groupOf));
  const meant = fitting(open).length > 0 ? fitting(open) : fitting(closed);
  return meant.length === 1 ? (meant[0] ?? null) : null;
}

function fits(stop: OrphanStop, row: TransactionRow, groupOf: (key: string) => string): boolean {
  const sameGroup = stop.idTagKey === null || groupOf(stop.idTagKey) === groupOf(row.idTagKey);
  const inTime = stop.at >= row.startedAt;
  return sameGroup && inTime && stop.meterStopWh >= Math.max(row.meterStartWh, row.lastRegisterWh ?? row.meterStartWh);
}

async function stopByOrphan(
  sql: Sql,
  vocabulary: Vocabulary,
  row: TransactionRow,
  stop: OrphanStop,
  now: Date,
): Promise<void> {
  const payload = payloadOf(stop.payload);
  const samples = samplesOf(payload.transactionData);
  await recallWords(sql, vocabulary, samples);
  await closeTransaction(sql, vocabulary, row, {
    stoppedAt: stop.at,
    receivedAt: stop.receivedAt,
    meterStopWh: stop.meterStopWh,
    reason: typeof payload.reason === 'string' ? payload.reason : 'Local',
    idTag: typeof payload.idTag === 'string' ? payload.idTag : stop.idTagKey,
    stoppedBy: 'charger',
    traceId: stop.traceId?.replaceAll('-', '') ?? '',
    flags: ['matched-orphan'],
    samples,
  });
  await markMatched(sql, [stop.id], row.id, now);
  await bindReadings(sql, vocabulary, row, stop, now);
}

async function bindReadings(
  sql: Sql,
  vocabulary: Vocabulary,
  row: TransactionRow,
  stop: OrphanStop,
  now: Date,
): Promise<void> {
  const readings = await takeWaitingReadings(sql, stop, row, now);
  if (readings.length === 0) return;
  const bound = readings.map(
    ({ connectorId, receivedAt, payload }): BoundSamples => ({
      chargePointId: row.chargePointId,
      connectorId,
      transactionId: row.id,
      receivedAt,
      traceId: '',
      samples: samplesOf(payloadOf(payload).meterValue),
    }),
  );
  await recallWords(
    sql,
    vocabulary,
    bound.flatMap((message) => message.samples),
  );
  for (const message of bound) await rebindSamples(sql, vocabulary, message);
  await advanceTransactions(sql, bound);
  await remeasureStopped(sql, vocabulary, [row.id]);
}

function payloadOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = parseJson(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch (error) {
    // A frame that could not be read is kept as it is; its columns still say how the session ended.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** The payload passed its schema when it came in. */
function samplesOf(meterValues: unknown): Sample[] {
  return Array.isArray(meterValues) ? normaliseSamples(meterValues as MeterValue[]) : [];
}
