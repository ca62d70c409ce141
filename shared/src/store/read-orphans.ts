import { and, desc, eq, isNotNull, isNull, lt } from 'drizzle-orm';
import type { Db } from './client.ts';
import { timeOf } from './read-time.ts';
import { orphan } from './schema.ts';

/** One message that named a transaction nobody knew. */
export type OrphanRow = Awaited<ReturnType<typeof readOrphans>>[number];

/** Which orphans: those before id `before` (null = from the newest), at most `limit`. */
export type OrphanQuery = {
  readonly chargePointId?: string | undefined;
  readonly status: 'waiting' | 'matched' | 'all';
  readonly before: number | null;
  readonly limit: number;
};

/** Orphans, the last kept first. */
export function readOrphans(db: Db, query: OrphanQuery) {
  const matched = { waiting: isNull, matched: isNotNull, all: undefined }[query.status];
  return db
    .select({
      id: orphan.id,
      chargePointId: orphan.chargePointId,
      action: orphan.action,
      sentTransactionId: orphan.sentTransactionId,
      connectorId: orphan.connectorId,
      at: timeOf(orphan.at),
      receivedAt: timeOf(orphan.receivedAt),
      payload: orphan.payload,
      matchedTransactionId: orphan.matchedTransactionId,
      matchedAt: timeOf(orphan.matchedAt),
      traceId: orphan.traceId,
    })
    .from(orphan)
    .where(
      and(
        query.chargePointId === undefined ? undefined : eq(orphan.chargePointId, query.chargePointId),
        matched?.(orphan.matchedTransactionId),
        query.before === null ? undefined : lt(orphan.id, query.before),
      ),
    )
    .orderBy(desc(orphan.id))
    .limit(query.limit);
}
