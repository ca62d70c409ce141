import { and, desc, eq, sql } from 'drizzle-orm';
import { idTagKey } from './border.ts';
import type { Db } from './client.ts';
import { type Period, timeOf, timestamptz, within } from './read-time.ts';
import { transaction } from './schema.ts';

const columns = {
  id: transaction.id,
  chargePointId: transaction.chargePointId,
  connectorId: transaction.connectorId,
  idTag: transaction.idTag,
  idTagStatus: sql<string | null>`${transaction.idTagInfo} ->> 'status'`,
  reservationId: transaction.reservationId,
  meterStartWh: transaction.meterStartWh,
  meterStopWh: transaction.meterStopWh,
  energyWh: transaction.energyWh,
  energySource: transaction.energySource,
  lastRegisterWh: transaction.lastRegisterWh,
  lastRegisterAt: timeOf(transaction.lastRegisterAt),
  startedAt: timeOf(transaction.startedAt),
  startReceivedAt: timeOf(transaction.startReceivedAt),
  stoppedAt: timeOf(transaction.stoppedAt),
  stopReceivedAt: timeOf(transaction.stopReceivedAt),
  stopReason: transaction.stopReason,
  stopIdTag: transaction.stopIdTag,
  stoppedBy: transaction.stoppedBy,
  status: transaction.status,
  flags: transaction.flags,
  traceId: transaction.traceId,
  stopTraceId: transaction.stopTraceId,
};

/** One transaction as the store knows it. */
export type TransactionRow = Awaited<ReturnType<typeof readTransactions>>[number];

/** The place of a transaction in the list. Neither part ever changes, so a page never repeats or skips one. */
export type TransactionPlace = { readonly startedAt: Date; readonly id: number };

/** Which transactions; the period is of their start by the charger's clock. */
export type TransactionQuery = Period & {
  readonly chargePointId?: string | undefined;
  /** Compared case-insensitively. */
  readonly idTag?: string | undefined;
  /** active | suspect | stopped */
  readonly status?: string | undefined;
  readonly after: TransactionPlace | null;
  readonly limit: number;
};

/** At most `limit` transactions, newest start first, those after `after` in that order (null = from the newest). */
export function readTransactions(db: Db, query: TransactionQuery) {
  const { chargePointId, idTag, status, after } = query;
  return db
    .select(columns)
    .from(transaction)
    .where(
      and(
        chargePointId === undefined ? undefined : eq(transaction.chargePointId, chargePointId),
        idTag === undefined ? undefined : eq(transaction.idTagKey, idTagKey(idTag)),
        status === undefined ? undefined : eq(transaction.status, status),
        ...within(transaction.startedAt, query),
        after === null
          ? undefined
          : sql`(${transaction.startedAt}, ${transaction.id}) < (${timestamptz(after.startedAt)}, ${after.id})`,
      ),
    )
    .orderBy(desc(transaction.startedAt), desc(transaction.id))
    .limit(query.limit);
}

/** The transaction, or null when unknown. */
export async function readTransaction(db: Db, id: number): Promise<TransactionRow | null> {
  const rows = await db.select(columns).from(transaction).where(eq(transaction.id, id));
  return rows[0] ?? null;
}

/** True when the transaction is known. */
export async function isTransactionKnown(db: Db, id: number): Promise<boolean> {
  const rows = await db.select({ id: transaction.id }).from(transaction).where(eq(transaction.id, id));
  return rows.length > 0;
}
