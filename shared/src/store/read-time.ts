import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

type TimeOf<Column extends PgColumn> = Column['_']['notNull'] extends true ? Date : Date | null;

/**
 * Selects a timestamptz as a Date. Read as ms since 1970 and not as text: `new Date('0001-01-01 00:00:00+00')` is 2001,
 * and a clock that was never set really sends the year 1.
 */
export function timeOf<Column extends PgColumn>(column: Column): SQL<TimeOf<Column>> {
  const epochMs = sql`(extract(epoch from ${column}) * 1000)::float8`;
  return epochMs.mapWith((ms: number) => new Date(ms)) as SQL<TimeOf<Column>>;
}

/** A time as a parameter of a statement. */
export function timestamptz(at: Date): SQL {
  return sql`${at.toISOString()}::timestamptz`;
}

/** From `from` (included) to `to` (excluded); undefined = open on that side. */
export type Period = { readonly from?: Date | undefined; readonly to?: Date | undefined };

/** The conditions of a period on a column. */
export function within(column: PgColumn, period: Period): (SQL | undefined)[] {
  return [
    period.from && sql`${column} >= ${timestamptz(period.from)}`,
    period.to && sql`${column} < ${timestamptz(period.to)}`,
  ];
}
