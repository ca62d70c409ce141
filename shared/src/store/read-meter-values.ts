import { and, asc, desc, eq, type SQL, sql } from 'drizzle-orm';
import type { Db } from './client.ts';
import { type Period, timeOf, timestamptz, within } from './read-time.ts';
import { meterValue } from './schema.ts';

const columns = {
  chargePointId: meterValue.chargePointId,
  connectorId: meterValue.connectorId,
  transactionId: meterValue.transactionId,
  sampledAt: timeOf(meterValue.sampledAt),
  measurand: meterValue.measurand,
  phase: meterValue.phase,
  location: meterValue.location,
  context: meterValue.context,
  unit: meterValue.unit,
  value: meterValue.value,
  rawValue: meterValue.rawValue,
  rawUnit: meterValue.rawUnit,
  receivedAt: timeOf(meterValue.receivedAt),
  traceId: meterValue.traceId,
};

/** One sample; measurand, phase, location, context and unit are codes of the vocabulary. */
export type MeterValueRow = Awaited<ReturnType<typeof select>>[number];

/** The place of a sample in its charge point's list: its natural key, time first. */
export type MeterValuePlace = {
  readonly sampledAt: Date;
  readonly codes: readonly [
    connectorId: number,
    transactionId: number,
    measurand: number,
    phase: number,
    location: number,
    context: number,
  ];
};

/** Which samples of one owner; the period is of their time by the charger's clock. */
export type MeterValueQuery = Period & {
  /** A code of the vocabulary. */
  readonly measurand?: number | undefined;
  readonly after: MeterValuePlace | null;
  readonly limit: number;
};

const DAY_MS = 86_400_000;
const LOOK_BACK_DAYS = [1, 8, 64];
const EARLIEST_MS = Date.parse('0001-01-01T00:00:00Z');

const key = [
  meterValue.sampledAt,
  meterValue.connectorId,
  meterValue.transactionId,
  meterValue.measurand,
  meterValue.phase,
  meterValue.location,
  meterValue.context,
] as const;

/**
 * Samples of a transaction, oldest first. By the index on the transaction and not by its times: a sample of a clock gone
 * astray is still one of its samples.
 */
export function readTransactionMeterValues(db: Db, transactionId: number, query: MeterValueQuery) {
  // The index is partial; the planner must see its condition, which a parameter alone does not show.
  const owner = and(eq(meterValue.transactionId, transactionId), sql`${meterValue.transactionId} <> 0`);
  return select(db, owner, query, 'asc');
}

/**
 * Samples of a charge point, newest first, those bound to no transaction included. No index has their order, so the
 * newest days are looked at first and more only while the page is not full: a page costs what it shows, not what all
 * the years hold.
 */
export async function readChargePointMeterValues(
  db: Db,
  chargePointId: string,
  query: MeterValueQuery,
  now = new Date(),
): Promise<MeterValueRow[]> {
  const owner = eq(meterValue.chargePointId, chargePointId);
  const newest = (query.after?.sampledAt ?? query.to ?? now).getTime();
  for (const days of LOOK_BACK_DAYS) {
    const from = new Date(Math.max(newest - days * DAY_MS, EARLIEST_MS));
    if (query.from && query.from >= from) break;
    const rows = await select(db, owner, { ...query, from }, 'desc');
    if (rows.length >= query.limit) return rows;
  }
  return select(db, owner, query, 'desc');
}

function select(db: Db, owner: SQL | undefined, query: MeterValueQuery, direction: 'asc' | 'desc') {
  const ordered = direction === 'asc' ? asc : desc;
  return db
    .select(columns)
    .from(meterValue)
    .where(
      and(
        owner,
        query.measurand === undefined ? undefined : eq(meterValue.measurand, query.measurand),
        ...within(meterValue.sampledAt, query),
        query.after === null ? undefined : beyond(query.after, direction),
      ),
    )
    .orderBy(...key.map(ordered))
    .limit(query.limit);
}

function beyond(place: MeterValuePlace, direction: 'asc' | 'desc'): SQL {
  const at = timestamptz(place.sampledAt);
  const columns = sql.join([...key], sql`, `);
  const values = sql.join([at, ...place.codes.map((code) => sql`${code}`)], sql`, `);
  // Partitions are pruned by a comparison of the time alone, never by one of rows.
  return direction === 'asc'
    ? sql`${meterValue.sampledAt} >= ${at} and (${columns}) > (${values})`
    : sql`${meterValue.sampledAt} <= ${at} and (${columns}) < (${values})`;
}
