import type { RefusedIdentity } from '../ports.ts';
import { numbers, texts, times } from './arrays.ts';
import { cleanText } from './border.ts';
import type { Pool } from './client.ts';

/** How many are kept, the newest: whoever invents identities fills no table. */
export const MOST_UNKNOWN_KEPT = 1_000;

/**
 * `Store.unknownChargePoints`. Told again it adds nothing: a report counts only when it is newer than what is kept, so one
 * that was overtaken is not added up.
 */
export async function keepUnknownChargePoints(sql: Pool, refused: readonly RefusedIdentity[]): Promise<void> {
  const merged = [...Map.groupBy(refused, (each) => cleanText(each.chargePointId))].map(([id, own]) =>
    mergedOf(id, own),
  );
  if (merged.length === 0) return;
  const of = <T>(value: (each: RefusedIdentity) => T) => merged.map(value);
  await sql`
    insert into unknown_charge_point as kept (charge_point_id, attempts, first_at, last_at, address, subprotocols)
    select id, attempts, first_at, last_at, address, string_to_array(subprotocols, ',')
    from unnest(${texts(of((each) => each.chargePointId))}::text[], ${numbers(of((each) => each.attempts))}::int4[],
      ${times(of((each) => new Date(each.firstAtMs)))}::timestamptz[],
      ${times(of((each) => new Date(each.lastAtMs)))}::timestamptz[],
      ${texts(of((each) => cleanText(each.address)))}::text[],
      ${texts(of((each) => cleanText(each.subprotocols.join(','))))}::text[])
      as said (id, attempts, first_at, last_at, address, subprotocols)
    -- It may have been registered since it was refused.
    where not exists (select 1 from charge_point c where c.charge_point_id = said.id)
    order by id
    on conflict (charge_point_id) do update set
      attempts = least(kept.attempts::int8 + excluded.attempts, 2147483647)::int4,
      first_at = least(kept.first_at, excluded.first_at), last_at = excluded.last_at,
      address = excluded.address, subprotocols = excluded.subprotocols
    where kept.last_at < excluded.last_at`;
  await sql`
    delete from unknown_charge_point where charge_point_id in (
      select charge_point_id from unknown_charge_point
      order by last_at desc, charge_point_id desc offset ${MOST_UNKNOWN_KEPT} for update skip locked)`;
}

/** One statement may touch a row once. */
function mergedOf(chargePointId: string, own: readonly RefusedIdentity[]): RefusedIdentity {
  const newest = own.reduce((one, other) => (other.lastAtMs > one.lastAtMs ? other : one));
  return {
    ...newest,
    chargePointId,
    attempts: own.reduce((sum, each) => sum + each.attempts, 0),
    firstAtMs: Math.min(...own.map((each) => each.firstAtMs)),
  };
}
