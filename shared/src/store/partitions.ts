import type { Pool } from './client.ts';

const DAY_MS = 86_400_000;
const DAYS_AROUND = 8;
const DAY_PARTITION = /^meter_value_(\d{4})(\d{2})(\d{2})$/;

/**
 * Makes the daily partitions of meter values that are missing between two times (default: 8 days back, 8 ahead), UTC days,
 * and returns their names. Rows of such a day that the default partition holds are moved.
 */
export async function ensurePartitions(
  sql: Pool,
  period: { readonly from?: Date; readonly to?: Date } = {},
): Promise<string[]> {
  const from = period.from ?? new Date(Date.now() - DAYS_AROUND * DAY_MS);
  const to = period.to ?? new Date(Date.now() + DAYS_AROUND * DAY_MS);
  const existing = new Set(await listPartitions(sql));
  const made: string[] = [];
  for (let day = startOfDay(from); day <= to; day = new Date(day.getTime() + DAY_MS)) {
    if (!existing.has(nameOf(day)) && (await makePartition(sql, day))) made.push(nameOf(day));
  }
  return made;
}

/**
 * Drops the daily partitions that end at or before a time and, from the default one, what was received before it. Returns
 * the names of those dropped.
 */
export async function dropPartitionsBefore(sql: Pool, before: Date): Promise<string[]> {
  const dropped: string[] = [];
  for (const name of await listPartitions(sql)) {
    const day = dayOf(name);
    if (day === null || day.getTime() + DAY_MS > before.getTime()) continue;
    await sql`drop table if exists ${sql(name)}`;
    dropped.push(name);
  }
  await sql`delete from meter_value_default where received_at < ${before}`;
  return dropped;
}

async function listPartitions(sql: Pool): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'meter_value'::regclass order by 1`;
  return rows.map((row) => row.name);
}

/** False when another process made it meanwhile. */
function makePartition(sql: Pool, day: Date): Promise<boolean> {
  const name = nameOf(day);
  const next = new Date(day.getTime() + DAY_MS);
  return sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(3, 1)`;
    const [{ made }] = await tx<[{ made: boolean }]>`select to_regclass(${name}) is not null as made`;
    if (made) return false;
    // Before anything else: whoever inserts into the default partition must be done, and must not begin.
    await tx`lock table meter_value_default in access exclusive mode`;
    await tx`create table ${tx(name)} (like meter_value including defaults including constraints)`;
    await tx`
      with moved as (
        delete from meter_value_default where sampled_at >= ${day} and sampled_at < ${next} returning *
      )
      insert into ${tx(name)} select * from moved`;
    // A bound cannot be a parameter; both are times that we wrote.
    await tx.unsafe(
      `alter table meter_value attach partition "${name}"
       for values from ('${day.toISOString()}') to ('${next.toISOString()}')`,
    );
    return true;
  });
}

function startOfDay(at: Date): Date {
  return new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS);
}

function nameOf(day: Date): string {
  return `meter_value_${day.toISOString().slice(0, 10).replaceAll('-', '')}`;
}

function dayOf(name: string): Date | null {
  const [, year, month, day] = DAY_PARTITION.exec(name) ?? [];
  return year && month && day ? new Date(`${year}-${month}-${day}T00:00:00.000Z`) : null;
}
