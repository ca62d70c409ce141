import { and, desc, eq, lt, sql } from 'drizzle-orm';
import type { Db } from './client.ts';
import { timeOf } from './read-time.ts';
import { reservation } from './schema.ts';

/** One reservation. */
export type ReservationRow = Awaited<ReturnType<typeof readReservations>>[number];

/** Which reservations: those of one charge point before `before` (null = from the greatest id), at most `limit`. */
export type ReservationQuery = {
  readonly chargePointId: string;
  readonly before: number | null;
  readonly limit: number;
};

/** Reservations of a charge point, the greatest id first. `expired` is an active one past its time. */
export function readReservations(db: Db, query: ReservationQuery) {
  return db
    .select({
      reservationId: reservation.reservationId,
      connectorId: reservation.connectorId,
      idTag: reservation.idTag,
      parentIdTag: reservation.parentIdTag,
      expiresAt: timeOf(reservation.expiresAt),
      status: sql<string>`case when ${reservation.status} = 'active' and ${reservation.expiresAt} <= now()
        then 'expired' else ${reservation.status} end`,
      reservedAt: timeOf(reservation.at),
    })
    .from(reservation)
    .where(
      and(
        eq(reservation.chargePointId, query.chargePointId),
        query.before === null ? undefined : lt(reservation.reservationId, query.before),
      ),
    )
    .orderBy(desc(reservation.reservationId))
    .limit(query.limit);
}
