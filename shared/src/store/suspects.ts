import type { Pool } from './client.ts';
import { closeTransaction, endingByPolicy } from './close-transaction.ts';
import { lockChargePoint } from './locks.ts';
import { type TransactionRow, transactionColumns } from './transaction-row.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Most transactions closed by one call. */
const MOST_CLOSED = 1000;

/**
 * Closes by policy what has been suspect since before a time, each in a DB transaction of its own, and returns how many it
 * closed. A real Stop that comes later corrects them.
 */
export async function closeSuspects(
  sql: Pool,
  vocabulary: Vocabulary,
  { before, now }: { readonly before: Date; readonly now: Date },
): Promise<number> {
  const due = await sql<{ id: number; chargePointId: string }[]>`
    select id, charge_point_id from transaction
    where status = 'suspect' and suspect_since < ${before} order by suspect_since limit ${MOST_CLOSED}`;
  let closed = 0;
  for (const { id, chargePointId } of due) {
    closed += await sql.begin(async (tx) => {
      await lockChargePoint(tx, chargePointId);
      // It may have been stopped or have shown life since the list was read.
      const [row] = await tx<TransactionRow[]>`
        select ${transactionColumns(tx)} from transaction
        where id = ${id} and status = 'suspect' and suspect_since < ${before}`;
      if (!row) return 0;
      await closeTransaction(tx, vocabulary, row, endingByPolicy(row, now));
      return 1;
    });
  }
  return closed;
}
