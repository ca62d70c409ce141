import { isPlausibleClock } from '../ocpp16/meter-engine.ts';
import type { IdTagInfo } from '../ocpp16/types.ts';
import type { TransactionStart } from '../ports.ts';
import { texts } from './arrays.ts';
import { idTagKey } from './border.ts';
import type { Sql } from './client.ts';
import { decideIdTag, type KnownIdTag } from './id-tag-decision.ts';

/** `Store.authorize`; also the decision for the idTag of a Stop. */
export async function authorize(sql: Sql, idTag: string, at: Date): Promise<IdTagInfo> {
  const { tag } = await loadIdTag(sql, idTagKey(idTag));
  return decideIdTag(tag, at, null);
}

/** What a Start says of the place it begins at. */
type Beginning = Pick<TransactionStart, 'chargePointId' | 'connectorId' | 'startedAt' | 'receivedAt'>;

/**
 * The tag, null when unknown, and how many accepted transactions run on it over the whole fleet. Not counted is what a
 * Start supersedes: what ran on its connector before is over by now, and after a reboot the same driver begins anew.
 */
export async function loadIdTag(
  sql: Sql,
  key: string,
  beginning: Beginning | null = null,
): Promise<{ tag: KnownIdTag | null; active: number }> {
  const plausible = beginning !== null && isPlausibleClock(beginning.startedAt, beginning.receivedAt);
  const [row] = await sql<[KnownIdTag & { known: boolean; active: number }]>`
    select tag.id_tag is not null as known, tag.status, tag.expires_at, tag.max_active_transactions,
      coalesce(parent.display_id_tag, tag.parent_id_tag) as parent_id_tag, parent.status as parent_status,
      parent.expires_at as parent_expires_at,
      (select count(*) from transaction t
        where t.id_tag_key = sent.key and t.status <> 'stopped' and t.id_tag_info ->> 'status' = 'Accepted'
          and (
            (t.charge_point_id, t.connector_id)
              is distinct from (${beginning?.chargePointId ?? null}::text, ${beginning?.connectorId ?? null}::int4)
            or ${plausible}::bool and t.started_at > ${beginning?.startedAt ?? null}::timestamptz
          )) as active
    from (select ${key}::text as key) sent
    left join id_tag tag on tag.id_tag = sent.key
    left join id_tag parent on parent.id_tag = tag.parent_id_tag`;
  return { tag: row.known ? row : null, active: row.active };
}

/** The group of each tag: its parent, or itself when it has none. Tags of one group may stop what another started. */
export async function loadGroups(sql: Sql, keys: readonly string[]): Promise<(key: string) => string> {
  const rows = await sql`
    select id_tag, parent_id_tag from id_tag
    where id_tag = any (${texts([...new Set(keys)])}::text[]) and parent_id_tag is not null`;
  const parents = new Map(rows.map((row) => [row.idTag as string, row.parentIdTag as string]));
  return (key) => parents.get(key) ?? key;
}
