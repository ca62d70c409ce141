import type { Pool } from './client.ts';

const DAY_MS = 86_400_000;
const DAYS_AROUND = 8;

/** A table that is range-partitioned by UTC day, with a default partition beside the days. */
export type DailyTable = {
  readonly table: 'meter_value' | 'frame';
  /** The column its days are of. */
  readonly day: 'sampled_at' | 'at';
  /** Rows of the default partition are past retention by this one. */
  readonly received: 'received_at' | 'at';
};

/** The days that partitions are made for; default: 8 days back, 8 ahead. */
export type Days = { readonly from?: Date; readonly to?: Date };

const meterValues: DailyTable = { table: 'meter_value', day: 'sampled_at', received: 'received_at' };

/**
 * Makes the daily partitions of meter values that are missing between two times (default: 8 days back, 8 ahead), UTC days,
 * and returns their names. Rows of such a day that the default partition holds are moved.
 */
export function ensurePartitions(sql: Pool, days: Days = {}): Promise<string[]> {
  return ensureDays(sql, meterValues, days);
}

/**
 * Drops the daily partitions that end at or before a time and, from the default one, what was received before it. Returns
 * the names of those dropped.
 */
export function dropPartitionsBefore(sql: Pool, before: Date): Promise<string[]> {
  return dropDaysBefore(sql, meterValues, before);
}

/** How many days from tomorrow on have a partition of meter values, without a gap. */
export function meterValueDaysAhead(sql: Pool): Promise<number> {
  return daysAhead(sql, meterValues);
}

/** `ensurePartitions` for any such table. */
export async function ensureDays(sql: Pool, of: DailyTable, days: Days): Promise<string[]> {
  const from = days.from ?? new Date(Date.now() - DAYS_AROUND * DAY_MS);
  const to = days.to ?? new Date(Date.now() + DAYS_AROUND * DAY_MS);
  const existing = new Set(await listPartitions(sql, of));
  const made: string[] = [];
  for (let day = startOfDay(from); day <= to; day = new Date(day.getTime() + DAY_MS)) {
    if (!existing.has(nameOf(of, day)) && (await makePartition(sql, of, day))) made.push(nameOf(of, day));
  }
  return made;
}

/** `dropPartitionsBefore` for any such table. */
export async function dropDaysBefore(sql: Pool, of: DailyTable, before: Date): Promise<string[]> {
  const dropped: string[] = [];
  for (const name of await listPartitions(sql, of)) {
    const day = dayOf(of, name);
    if (day === null || day.getTime() + DAY_MS > before.getTime()) continue;
    await sql`drop table if exists ${sql(name)}`;
    dropped.push(name);
  }
  await sql`delete from ${sql(defaultOf(of))} where ${sql(of.received)} < ${before}`;
  return dropped;
}

/** `meterValueDaysAhead` for any such table. */
export async function daysAhead(sql: Pool, of: DailyTable): Promise<number> {
  const existing = new Set(await listPartitions(sql, of));
  const today = startOfDay(new Date()).getTime();
  let days = 0;
  while (existing.has(nameOf(of, new Date(today + (days + 1) * DAY_MS)))) days += 1;
  return days;
}

async function listPartitions(sql: Pool, { table }: DailyTable): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = to_regclass(${table}) order by 1`;
  return rows.map((row) => row.name);
}

/** False when another process made it meanwhile. */
function makePartition(sql: Pool, of: DailyTable, day: Date): Promise<boolean> {
  const name = nameOf(of, day);
  const rest = defaultOf(of);
  const next = new Date(day.getTime() + DAY_MS);
  return sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(3, 1)`;
    const [{ made }] = await tx<[{ made: boolean }]>`select to_regclass(${name}) is not null as made`;
    if (made) return false;
    // Before anything else: whoever inserts into the default partition must be done, and must not begin.
    await tx`lock table ${tx(rest)} in access exclusive mode`;
    await tx`create table ${tx(name)} (like ${tx(of.table)} including defaults including constraints)`;
    await tx`
      with moved as (
        delete from ${tx(rest)} where ${tx(of.day)} >= ${day} and ${tx(of.day)} < ${next} returning *
      )
      insert into ${tx(name)} select * from moved`;
    // A bound cannot be a parameter; both are times that we wrote.
    await tx.unsafe(
      `alter table ${of.table} attach partition "${name}"
       for values from ('${day.toISOString()}') to ('${next.toISOString()}')`,
    );
    return true;
  });
}

function startOfDay(at: Date): Date {
  return new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS);
}

function nameOf({ table }: DailyTable, day: Date): string {
  return `${table}_${day.toISOString().slice(0, 10).replaceAll('-', '')}`;
}

function defaultOf({ table }: DailyTable): string {
  return `${table}_default`;
}

function dayOf({ table }: DailyTable, name: string): Date | null {
  const [, year, month, day] = /_(\d{4})(\d{2})(\d{2})$/.exec(name.startsWith(`${table}_`) ? name : '') ?? [];
  return year && month && day ? new Date(`${year}-${month}-${day}T00:00:00.000Z`) : null;
}
