/**
 * The orphan inbox: messages that name a transaction nobody knows. A retry is one orphan (digest of its payload).
 *
 *   StopTransaction   0 or -1: the one unstopped transaction that fits is stopped at once
 *                     any other: waits for a Start that it fits ("Stop before Start")
 *   MeterValues       follow the Stop with the same id to the transaction it stopped, whichever comes first
 */
import type { MeterReading, TransactionStop } from '../ports.ts';
import { numbers, texts, times } from './arrays.ts';
import { digestOf, idTagKey, int32, moment, payloadText, traceUuid } from './border.ts';
import type { Sql } from './client.ts';

/** A StopTransaction in the orphan inbox. */
export type OrphanStop = {
  readonly id: number;
  readonly sentTransactionId: string;
  readonly idTagKey: string | null;
  readonly meterStopWh: number;
  readonly at: Date;
  readonly receivedAt: Date;
  readonly payload: string;
  readonly traceId: string | null;
  readonly matchedTransactionId: number | null;
};

/** A MeterValues in the orphan inbox. */
export type OrphanReading = {
  readonly id: number;
  readonly connectorId: number;
  readonly receivedAt: Date;
  readonly payload: string;
};

/** True for what chargers send when they were never given an id. It says nothing about which transaction is meant. */
export function saysNothing(sentTransactionId: string): boolean {
  return sentTransactionId === '0' || sentTransactionId === '-1';
}

const stopColumns = (sql: Sql) =>
  sql([
    'id',
    'sent_transaction_id',
    'id_tag_key',
    'meter_stop_wh',
    'at',
    'received_at',
    'payload',
    'trace_id',
    'matched_transaction_id',
  ]);

/** Keeps a Stop and returns it, or the one kept before when this is a retry. */
export async function keepOrphanStop(sql: Sql, stop: TransactionStop): Promise<OrphanStop> {
  const payload = payloadText(stop.text);
  const [row] = await sql<[OrphanStop]>`
    insert into orphan (charge_point_id, action, sent_transaction_id, id_tag_key, meter_stop_wh, at, received_at, payload,
      digest, trace_id)
    values (${stop.chargePointId}, 'StopTransaction', ${String(stop.transactionId)},
      ${stop.idTag === null ? null : idTagKey(stop.idTag)}, ${stop.meterStopWh}, ${moment(stop.stoppedAt)},
      ${stop.receivedAt}, ${payload}, ${digestOf(payload)}, ${traceUuid(stop.traceId)})
    on conflict (charge_point_id, action, digest) do update set digest = excluded.digest
    returning ${stopColumns(sql)}`;
  return row;
}

/** Waiting Stops that a transaction with these values may have been ended by, the earliest first. */
export async function loadWaitingStops(
  sql: Sql,
  start: { readonly chargePointId: string; readonly startedAt: Date; readonly meterStartWh: number },
): Promise<OrphanStop[]> {
  return sql<OrphanStop[]>`
    select ${stopColumns(sql)} from orphan
    where charge_point_id = ${start.chargePointId} and matched_transaction_id is null and action = 'StopTransaction'
      and at >= ${start.startedAt} and meter_stop_wh >= ${start.meterStartWh}
    order by at, id`;
}

/** Notes which transaction an orphan turned out to belong to. */
export async function markMatched(
  sql: Sql,
  orphanIds: readonly number[],
  transactionId: number,
  at: Date,
): Promise<void> {
  await sql`
    update orphan set matched_transaction_id = ${transactionId}, matched_at = ${at}
    where id = any (${numbers(orphanIds)}::int8[])`;
}

/**
 * Keeps MeterValues and tells for each which transaction its id has turned out to mean, 0 while none: a retry of one that
 * was matched, or one that came after its Stop.
 */
export async function keepOrphanReadings(sql: Sql, readings: readonly MeterReading[]): Promise<number[]> {
  const payloads = readings.map((reading) => payloadText(reading.text));
  const ids = texts(readings.map((reading) => reading.chargePointId));
  const digests = texts(payloads.map(digestOf));
  await sql`
    insert into orphan (charge_point_id, action, sent_transaction_id, connector_id, at, received_at, payload, digest, trace_id)
    select charge_point_id, 'MeterValues', sent_id, connector_id, at, received_at, payload, digest, trace_id
    from unnest(${ids}::text[], ${texts(readings.map((reading) => String(reading.transactionId)))}::text[],
      ${numbers(readings.map((reading) => int32(reading.connectorId)))}::int4[], ${times(readings.map(timeOf))}::timestamptz[],
      ${times(readings.map((reading) => reading.receivedAt))}::timestamptz[], ${texts(payloads)}::text[],
      ${digests}::text[], ${texts(readings.map((reading) => traceUuid(reading.traceId)))}::uuid[])
      as said (charge_point_id, sent_id, connector_id, at, received_at, payload, digest, trace_id)
    on conflict do nothing`;
  await followStops(sql, ids, digests);
  const rows = await sql<{ place: number; transactionId: number }[]>`
    select said.place, o.matched_transaction_id as transaction_id
    from unnest(${ids}::text[], ${digests}::text[]) with ordinality as said (charge_point_id, digest, place)
    join orphan o on o.charge_point_id = said.charge_point_id and o.action = 'MeterValues' and o.digest = said.digest
    where o.matched_transaction_id is not null`;
  const found = new Map(rows.map((row) => [row.place - 1, row.transactionId]));
  return readings.map((_, index) => found.get(index) ?? 0);
}

/** Waiting MeterValues that mean the transaction which the Stop with this id ended, and marks them. */
export async function takeWaitingReadings(
  sql: Sql,
  stop: OrphanStop,
  transaction: {
    readonly id: number;
    readonly chargePointId: string;
    readonly connectorId: number;
    readonly startedAt: Date;
  },
  now: Date,
): Promise<OrphanReading[]> {
  const named = !saysNothing(stop.sentTransactionId);
  return sql<OrphanReading[]>`
    update orphan set matched_transaction_id = ${transaction.id}, matched_at = ${now}
    where charge_point_id = ${transaction.chargePointId} and matched_transaction_id is null and action = 'MeterValues'
      and sent_transaction_id = ${stop.sentTransactionId}
      and (${named} or (connector_id = ${transaction.connectorId} and at between ${transaction.startedAt} and ${stop.at}))
    returning id, connector_id, received_at, payload`;
}

/** The same the other way round: the Stop was matched before these MeterValues came. */
async function followStops(sql: Sql, chargePointIds: string, digests: string): Promise<void> {
  await sql`
    update orphan o set matched_transaction_id = t.id, matched_at = o.received_at
    from unnest(${chargePointIds}::text[], ${digests}::text[]) as said (charge_point_id, digest)
    join orphan stop on stop.charge_point_id = said.charge_point_id and stop.action = 'StopTransaction'
      and stop.matched_transaction_id is not null
    join transaction t on t.id = stop.matched_transaction_id
    where o.charge_point_id = said.charge_point_id and o.action = 'MeterValues' and o.digest = said.digest
      and o.matched_transaction_id is null and o.sent_transaction_id = stop.sent_transaction_id
      and (o.sent_transaction_id not in ('0', '-1')
        or (o.connector_id = t.connector_id and o.at between t.started_at and t.stopped_at))`;
}

/** The newest time in the message: where it stands between a start and a stop. */
function timeOf(reading: MeterReading): Date {
  const newest = Math.max(...reading.samples.map((sample) => sample.sampledAt.getTime()));
  return Number.isFinite(newest) ? moment(new Date(newest)) : reading.receivedAt;
}
