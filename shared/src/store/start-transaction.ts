import { isPlausibleClock } from '../ocpp16/meter-engine.ts';
import type { IdTagInfo } from '../ocpp16/types.ts';
import type { TransactionStart } from '../ports.ts';
import { cleanText, idTagKey, int32, moment, traceUuid } from './border.ts';
import type { Pool, Sql } from './client.ts';
import { follow } from './follow.ts';
import { startHappened } from './happening.ts';
import { decideIdTag } from './id-tag-decision.ts';
import { loadIdTag } from './id-tags.ts';
import { lockChargePoint, lockIdTag } from './locks.ts';
import { matchStart } from './match-orphans.ts';
import { useReservation } from './reservations.ts';
import { type TransactionRow, transactionColumns } from './transaction-row.ts';
import type { Vocabulary } from './vocabulary.ts';

/** What a Start is answered with. */
export type Started = { readonly transactionId: number; readonly idTagInfo: IdTagInfo };

type Start = TransactionStart & { readonly idTagKey: string };

/** `Store.startTransaction` */
export function startTransaction(sql: Pool, vocabulary: Vocabulary, message: TransactionStart): Promise<Started> {
  const start: Start = {
    ...message,
    connectorId: int32(message.connectorId),
    idTag: cleanText(message.idTag),
    idTagKey: idTagKey(message.idTag),
    startedAt: moment(message.startedAt),
    reservationId: message.reservationId === null ? null : int32(message.reservationId),
  };
  return sql.begin(async (tx) => {
    const [, , alike, { tag, active }] = await Promise.all([
      lockChargePoint(tx, start.chargePointId),
      lockIdTag(tx, start.idTagKey),
      loadAlike(tx, start),
      loadIdTag(tx, start.idTagKey, start),
    ]);
    const known = sameCharge(alike, start);
    if (known?.status === 'stopped') return { transactionId: known.id, idTagInfo: known.idTagInfo };
    const started: Started = known
      ? { transactionId: known.id, idTagInfo: known.idTagInfo }
      : await insertTransaction(tx, start, decideIdTag(tag, start.receivedAt, active));
    await Promise.all([
      useReservation(tx, start),
      follow(tx, [startHappened({ ...start, transactionId: started.transactionId })]),
    ]);
    await matchStart(tx, vocabulary, { ...start, id: started.transactionId });
    return started;
  });
}

/** Those with the same content, the oldest first. */
async function loadAlike(sql: Sql, start: Start): Promise<TransactionRow[]> {
  return sql<TransactionRow[]>`
    select ${transactionColumns(sql)} from transaction
    where charge_point_id = ${start.chargePointId} and connector_id = ${start.connectorId}
      and id_tag_key = ${start.idTagKey} and started_at = ${start.startedAt} and meter_start_wh = ${start.meterStartWh}
    order by id`;
}

/**
 * The transaction this Start began before, if it did:
 *
 *   received at the same moment             yes: the job runs twice
 *   open                                    yes: its conf was lost
 *   stopped, the clock is plausible         yes: one clock does not tell one time twice
 *   stopped, received before its Stop was   yes: a late retry
 *   stopped otherwise                       no: a clock stuck in 1970, another charge
 */
function sameCharge(alike: readonly TransactionRow[], start: Start): TransactionRow | undefined {
  const plausible = isPlausibleClock(start.startedAt, start.receivedAt);
  return (
    alike.find((row) => row.startReceivedAt.getTime() === start.receivedAt.getTime()) ??
    alike.find((row) => row.status !== 'stopped') ??
    alike.find((row) => plausible || (row.stopReceivedAt !== null && start.receivedAt <= row.stopReceivedAt))
  );
}

/** Gives an id whatever the decision: energy may flow already. What ran on this connector before is over by now. */
async function insertTransaction(sql: Sql, start: Start, idTagInfo: IdTagInfo): Promise<Started> {
  const plausible = isPlausibleClock(start.startedAt, start.receivedAt);
  const [row] = await sql<[{ id: number }]>`
    with superseded as (
      update transaction set status = 'suspect', suspect_since = ${start.receivedAt}
      where charge_point_id = ${start.chargePointId} and connector_id = ${start.connectorId} and status = 'active'
        and not (${plausible} and started_at > ${start.startedAt})
    )
    insert into transaction (charge_point_id, connector_id, id_tag, id_tag_key, reservation_id, meter_start_wh, started_at,
      start_received_at, id_tag_info, flags, trace_id)
    values (${start.chargePointId}, ${start.connectorId}, ${start.idTag}, ${start.idTagKey}, ${start.reservationId},
      ${start.meterStartWh}, ${start.startedAt}, ${start.receivedAt}, ${JSON.stringify(idTagInfo)}::jsonb,
      ${plausible ? '{}' : '{implausible-clock}'}::text[], ${traceUuid(start.traceId)})
    returning id`;
  return { transactionId: row.id, idTagInfo };
}
