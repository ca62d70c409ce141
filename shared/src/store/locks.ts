/**
 * Advisory locks, held until the end of the DB transaction. Order: charge points (ascending by their hash), then one idTag.
 * Nothing is locked after an idTag, so no two transactions wait for each other. The statement after a lock reads what the
 * holder before it committed (READ COMMITTED), so the two may be sent together but never be one. `execute()` sends the lock
 * at once: a query that is only awaited is sent a little later, after those of functions called beside it.
 */
import { texts } from './arrays.ts';
import type { Sql } from './client.ts';

const CHARGE_POINT = 1;
const ID_TAG = 2;

/** Everything that changes transactions of a charge point takes its turn here. */
export function lockChargePoint(sql: Sql, chargePointId: string) {
  return sql`select pg_advisory_xact_lock(${CHARGE_POINT}::int4, hashtext(${chargePointId}))`.execute();
}

/** The same for many at a time. */
export function lockChargePoints(sql: Sql, chargePointIds: readonly string[]) {
  return sql`
    select pg_advisory_xact_lock(${CHARGE_POINT}::int4, hash)
    from (select distinct hashtext(id) as hash from unnest(${texts(chargePointIds)}::text[]) id order by hash offset 0) ids`.execute();
}

/** Everything that starts transactions of an idTag takes its turn here, so that ConcurrentTx holds over the fleet. */
export function lockIdTag(sql: Sql, idTagKey: string) {
  return sql`select pg_advisory_xact_lock(${ID_TAG}::int4, hashtext(${idTagKey}))`.execute();
}
