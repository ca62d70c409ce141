import type { FlappingReport } from '../ports.ts';
import { numbers, texts, times } from './arrays.ts';
import type { Pool } from './client.ts';

/** `Store.flapping` */
export async function keepFlapping(sql: Pool, reports: readonly FlappingReport[]): Promise<void> {
  // One statement may touch a row once, so several reports of one charge point go in order of time.
  for (const report of reports.toSorted((one, other) => one.lastAtMs - other.lastAtMs)) {
    await sql`
      insert into flapping as kept (charge_point_id, takeovers, addresses, first_at, last_at)
      select id, takeovers, ${texts(report.addresses)}::text[], first_at, last_at
      from unnest(${texts([report.chargePointId])}::text[], ${numbers([report.takeovers])}::int4[],
        ${times([new Date(report.firstAtMs)])}::timestamptz[], ${times([new Date(report.lastAtMs)])}::timestamptz[])
        as said (id, takeovers, first_at, last_at)
      on conflict (charge_point_id) do update set
        takeovers = case when excluded.last_at >= kept.last_at then excluded.takeovers else kept.takeovers end,
        addresses = (select array_agg(address order by address)
          from (select unnest(kept.addresses) union select unnest(excluded.addresses)) as every (address)),
        first_at = least(kept.first_at, excluded.first_at),
        last_at = greatest(kept.last_at, excluded.last_at)`;
  }
}
