import type { OpenTransaction } from '../ports.ts';
import type { Pool } from './client.ts';
import { closeTransaction, endingByPolicy } from './close-transaction.ts';
import { lockChargePoint } from './locks.ts';
import { type TransactionRow, transactionColumns } from './transaction-row.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A transaction that policy closed. */
export type ClosedByPolicy = OpenTransaction & { readonly chargePointId: string };

/** Most transactions closed by one call. */
const MOST_CLOSED = 1000;

/**
 * Closes by policy what has been suspect since before a time, each in a DB transaction of its own, and returns what it
 * closed. A real Stop that comes later corrects them.
 */
export async function closeSuspects(
  sql: Pool,
  vocabulary: Vocabulary,
  { before, now }: { readonly before: Date; readonly now: Date },
): Promise<ClosedByPolicy[]> {
  const due = await sql<{ id: number; chargePointId: string }[]>`
    select id, charge_point_id from transaction
    where status = 'suspect' and suspect_since < ${before} order by suspect_since limit ${MOST_CLOSED}`;
  const closed: ClosedByPolicy[] = [];
  for (const { id, chargePointId } of due) {
    const connectorId = await sql.begin(async (tx) => {
      await lockChargePoint(tx, chargePointId);
      // It may have been stopped or have shown life since the list was read.
      const [row] = await tx<TransactionRow[]>`
        select ${transactionColumns(tx)} from transaction
        where id = ${id} and status = 'suspect' and suspect_since < ${before}`;
      if (!row) return undefined;
      await closeTransaction(tx, vocabulary, row, endingByPolicy(row, now));
      return row.connectorId;
    });
    if (connectorId !== undefined) closed.push({ chargePointId, transactionId: id, connectorId });
  }
  return closed;
}
