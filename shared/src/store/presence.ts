import type { Orphaned, Owner, PresenceChange } from '../ports.ts';
import { numbers, texts, times } from './arrays.ts';
import { cleanText, cleanTextOrNull, moment } from './border.ts';
import type { Pool } from './client.ts';

/**
 * `Store.presence`. Who is there is what the greatest epoch says, where offline beats online; the last disconnect is the one
 * of the greatest time, whichever connection it ended. Both are maxima, so any order and any repetition ends in the same row.
 * Charge points that nobody knows are left out.
 */
export async function movePresence(sql: Pool, changes: readonly PresenceChange[]): Promise<void> {
  if (changes.length === 0) return;
  const newest = [...Map.groupBy(changes, ({ chargePointId }) => chargePointId).values()].flatMap(newestOf);
  const said = newest.map(({ presence }) => presence);
  const ended = newest.map(({ disconnect }) => disconnect);
  // Another connection under the same epoch cannot be, but by a registry that lost its memory: the first one stays.
  const sameConnection = sql`said.epoch = c.epoch and said.connection_id = c.connection_id`;
  const moves = sql`(said.epoch > c.epoch
    or ${sameConnection} and (not said.online, said.at) > (not c.online, c.presence_at))`;
  const ends = sql`(said.ended_at > coalesce(c.last_disconnect_at, '-infinity'))`;
  // Rows are locked in one order by everyone who moves many of them.
  await sql`
    with said as (
      select * from unnest(
        ${texts(said.map(({ chargePointId }) => cleanText(chargePointId)))}::text[],
        ${numbers(said.map(({ epoch }) => epoch))}::int8[],
        ${flags(said.map(({ online }) => online))}::bool[],
        ${times(said.map(timeOf))}::timestamptz[],
        ${texts(said.map(({ gatewayId }) => cleanText(gatewayId)))}::text[],
        ${texts(said.map(({ connectionId }) => cleanText(connectionId)))}::text[],
        ${texts(newest.map(({ address }) => cleanTextOrNull(address)))}::text[],
        ${times(ended.map((change) => (change ? timeOf(change) : null)))}::timestamptz[],
        ${texts(ended.map((change) => cleanTextOrNull(change?.reason ?? null)))}::text[],
        ${texts(ended.map((change) => change?.category ?? null))}::text[]
      ) as entry (id, epoch, online, at, gateway_id, connection_id, address, ended_at, ended_reason, ended_category)
    ), locked as (
      select said.*
      from charge_point c join said on said.id = c.charge_point_id
      where said.epoch >= c.epoch or ${ends}
      order by c.charge_point_id
      for no key update of c
    )
    update charge_point c set
      epoch = greatest(c.epoch, said.epoch),
      online = case when ${moves} then said.online else c.online end,
      presence_at = case when ${moves} then said.at else c.presence_at end,
      gateway_id = case when ${moves} then said.gateway_id else c.gateway_id end,
      connection_id = case when ${moves} then said.connection_id else c.connection_id end,
      address = case when said.epoch > c.epoch then said.address
        when ${sameConnection} then coalesce(c.address, said.address)
        else c.address end,
      last_disconnect_at = case when ${ends} then said.ended_at else c.last_disconnect_at end,
      last_disconnect_reason = case when ${ends} then said.ended_reason else c.last_disconnect_reason end,
      last_disconnect_category = case when ${ends} then said.ended_category else c.last_disconnect_category end
    from locked said where c.charge_point_id = said.id`;
}

/** The greatest epoch of any charge point; 0 when there is none. */
export async function newestEpoch(sql: Pool): Promise<number> {
  const [row] = await sql<{ newest: number }[]>`select coalesce(max(epoch), 0)::float8 as newest from charge_point`;
  return row?.newest ?? 0;
}

/** Gateways that charge points are online at, as the rows have it. */
export async function gatewaysOnline(sql: Pool): Promise<string[]> {
  const rows = await sql<{ gatewayId: string }[]>`
    select distinct gateway_id from charge_point where online and gateway_id is not null`;
  return rows.map(({ gatewayId }) => gatewayId);
}

/** The charge points online at these gateways, as the rows have it. */
export async function onlineAt(sql: Pool, gatewayIds: readonly string[]): Promise<Orphaned[]> {
  const rows = await sql<({ readonly chargePointId: string } & Owner)[]>`
    select charge_point_id, gateway_id, connection_id, epoch
    from charge_point where online and gateway_id = any(${texts(gatewayIds)}::text[])`;
  return rows.map(({ chargePointId, gatewayId, connectionId, epoch }) => ({
    chargePointId,
    owner: { gatewayId, connectionId, epoch },
  }));
}

type Newest = {
  readonly presence: PresenceChange;
  readonly disconnect: PresenceChange | undefined;
  /** Who only concludes that a gateway died does not know it. */
  readonly address: string | null;
};

/** The maxima of what is said of one charge point. */
function newestOf(changes: readonly PresenceChange[]): Newest[] {
  const ordered = changes.toSorted(
    (a, b) => a.epoch - b.epoch || Number(b.online) - Number(a.online) || a.atMs - b.atMs,
  );
  const presence = ordered.at(-1);
  if (!presence) return [];
  const disconnect = ordered.filter(({ online }) => !online).toSorted((a, b) => a.atMs - b.atMs);
  const address = ordered.find((change) => change.epoch === presence.epoch && change.address !== null)?.address;
  return [{ presence, disconnect: disconnect.at(-1), address: address ?? null }];
}

const timeOf = ({ atMs }: PresenceChange) => moment(new Date(atMs));
const flags = (values: readonly boolean[]) => `{${values.join(',')}}`;
