import { isTimestamp, readTimestamp } from '../ocpp16/timestamp.ts';
import { type Answered, laterAnswers, statusOf } from './answered.ts';
import type { Sql } from './client.ts';
import { int32Field, textField } from './fields.ts';

/*
 * A reservation, whatever the order in which its parts are kept; one with the same id, reserved later, replaces it:
 *
 *   active --- CancelReservation accepted --> cancelled
 *     \------- StartTransaction names it ---> used (also when it was cancelled: the charger knows best)
 */

/** ReserveNow.conf: Accepted, the connector is held. [OCPP 1.6, 5.13] */
export async function learnReservation(sql: Sql, answered: Answered): Promise<void> {
  const { chargePointId, payload, at } = answered;
  const reservationId = int32Field(payload, 'reservationId');
  const connectorId = int32Field(payload, 'connectorId');
  const idTag = textField(payload, 'idTag');
  const expiryDate = textField(payload, 'expiryDate');
  if (reservationId === undefined || connectorId === undefined || idTag === undefined) return;
  if (expiryDate === undefined || !isTimestamp(expiryDate) || statusOf(answered) !== 'Accepted') return;
  const later = await laterAnswers(sql, answered, ['CancelReservation']);
  const cancelled = later.some((other) => isCancellationOf(other, reservationId));
  await sql`
    insert into reservation as kept (charge_point_id, reservation_id, connector_id, id_tag, parent_id_tag, expires_at,
      status, at)
    select ${chargePointId}, ${reservationId}::int4, ${connectorId}, ${idTag},
      ${textField(payload, 'parentIdTag') ?? null}, ${readTimestamp(expiryDate)},
      case when exists (
        select from transaction t
        where t.charge_point_id = ${chargePointId} and t.reservation_id = ${reservationId}
          and t.start_received_at >= ${at}
      ) then 'used' else ${cancelled ? 'cancelled' : 'active'} end, ${at}
    on conflict (charge_point_id, reservation_id) do update set connector_id = excluded.connector_id,
      id_tag = excluded.id_tag, parent_id_tag = excluded.parent_id_tag, expires_at = excluded.expires_at,
      status = excluded.status, at = excluded.at
    where kept.at < excluded.at`;
}

/** CancelReservation.conf: Accepted, the connector is free again. [OCPP 1.6, 5.1] */
export async function learnReservationCancelled(sql: Sql, answered: Answered): Promise<void> {
  const reservationId = int32Field(answered.payload, 'reservationId');
  if (reservationId === undefined || !isCancellationOf(answered, reservationId)) return;
  await sql`
    update reservation set status = 'cancelled'
    where charge_point_id = ${answered.chargePointId} and reservation_id = ${reservationId} and status = 'active'
      and at <= ${answered.at}`;
}

/** A transaction that was started on a reservation: it is used up. One statement, by primary key. */
export async function useReservation(
  sql: Sql,
  start: { readonly chargePointId: string; readonly reservationId: number | null; readonly receivedAt: Date },
): Promise<void> {
  if (start.reservationId === null) return;
  await sql`
    update reservation set status = 'used'
    where charge_point_id = ${start.chargePointId} and reservation_id = ${start.reservationId} and status <> 'used'
      and at <= ${start.receivedAt}`;
}

function isCancellationOf(said: Pick<Answered, 'payload' | 'response'>, reservationId: number): boolean {
  return int32Field(said.payload, 'reservationId') === reservationId && statusOf(said) === 'Accepted';
}
