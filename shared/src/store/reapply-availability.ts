import { numbers, texts, times } from './arrays.ts';
import type { Pool } from './client.ts';

/** What a charge point that booted must be told again, in this order. */
export type Reapplication = {
  readonly chargePointId: string;
  readonly intents: readonly { readonly connectorId: number; readonly type: 'Operative' | 'Inoperative' }[];
};

type Due = {
  readonly chargePointId: string;
  readonly connectorId: number;
  readonly type: 'Operative' | 'Inoperative';
  readonly bootAt: Date;
};

/** Most intents looked at by one call. */
const MOST_AT_ONCE = 500;

/**
 * Takes what was to be Inoperative before a boot and does not show it since, of charge points that are online, Accepted and
 * booted before a time. Once per boot, whoever asks: what was taken is never given again. An intent for connector 0 is for
 * all of them [OCPP 1.6, 5.2]: it outdates older ones, and connectors made Operative after it are told so again after it.
 */
export async function takeReapplications(sql: Pool, bootedBefore: Date): Promise<Reapplication[]> {
  const due = await sql.begin(async (tx) => {
    const rows = await tx<Due[]>`
      select i.charge_point_id, i.connector_id, i.type, p.boot_at
      from availability_intent i join charge_point p on p.charge_point_id = i.charge_point_id
      where i.type = 'Inoperative' and p.online and p.registration_status = 'Accepted' and p.boot_at < ${bootedBefore}
        and p.boot_at > i.at and i.reapplied_boot_at is distinct from p.boot_at
      order by i.charge_point_id, i.connector_id limit ${MOST_AT_ONCE} for update of i skip locked`;
    const of = <T>(value: (row: Due) => T) => rows.map(value);
    if (rows.length > 0)
      await tx`
        update availability_intent i set reapplied_boot_at = said.boot_at
        from unnest(${texts(of((row) => row.chargePointId))}::text[], ${numbers(of((row) => row.connectorId))}::int4[],
          ${times(of((row) => row.bootAt))}::timestamptz[]) as said (charge_point_id, connector_id, boot_at)
        where i.charge_point_id = said.charge_point_id and i.connector_id = said.connector_id`;
    return rows;
  });
  if (due.length === 0) return [];
  const rows = await untold(sql, due);
  return Array.from(
    Map.groupBy(rows, (row) => row.chargePointId),
    ([chargePointId, own]) => ({
      chargePointId,
      intents: own.map(({ connectorId, type }) => ({ connectorId, type })),
    }),
  );
}

/** Of what is due, what nothing newer outdates and no status since the boot shows; with it what was excepted from it. */
function untold(sql: Pool, due: readonly Due[]) {
  return sql<Due[]>`
    with due as (
      select i.* , said.boot_at
      from unnest(${texts(due.map((row) => row.chargePointId))}::text[],
        ${numbers(due.map((row) => row.connectorId))}::int4[], ${times(due.map((row) => row.bootAt))}::timestamptz[])
        as said (charge_point_id, connector_id, boot_at)
      join availability_intent i on i.charge_point_id = said.charge_point_id and i.connector_id = said.connector_id
      where i.at < said.boot_at and i.type = 'Inoperative'
        and not exists (select 1 from availability_intent whole
          where whole.charge_point_id = i.charge_point_id and whole.connector_id = 0 and i.connector_id <> 0
            and whole.at >= i.at)
        and not exists (select 1 from connector c
          where c.charge_point_id = i.charge_point_id and c.connector_id = i.connector_id
            and c.status = 'Unavailable' and c.received_at >= said.boot_at)
    )
    select charge_point_id, connector_id, type, boot_at, at from due
    union all
    select i.charge_point_id, i.connector_id, i.type, due.boot_at, i.at
    from due join availability_intent i on i.charge_point_id = due.charge_point_id
    where due.connector_id = 0 and i.type = 'Operative' and i.at between due.at and due.boot_at
    order by charge_point_id, at, connector_id`;
}
