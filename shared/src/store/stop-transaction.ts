import type { IdTagInfo } from '../ocpp16/types.ts';
import type { TransactionStop } from '../ports.ts';
import { idTagKey, ownTransactionId } from './border.ts';
import type { Pool, Sql } from './client.ts';
import { closeTransaction } from './close-transaction.ts';
import { authorize, loadGroups } from './id-tags.ts';
import { lockChargePoint } from './locks.ts';
import { matchStop } from './match-orphans.ts';
import { learnWords } from './meter-values.ts';
import { keepOrphanStop, saysNothing } from './orphans.ts';
import { loadTransaction, type TransactionRow } from './transaction-row.ts';
import type { Vocabulary } from './vocabulary.ts';

/**
 * `Store.stopTransaction`
 *
 *   active, suspect      stopped
 *   stopped by policy    corrected with the real values
 *   stopped by charger   nothing: a retry
 *   unknown              kept as an orphan
 */
export async function stopTransaction(
  sql: Pool,
  vocabulary: Vocabulary,
  stop: TransactionStop,
): Promise<{ readonly idTagInfo?: IdTagInfo }> {
  await learnWords(vocabulary, stop.samples);
  return sql.begin(async (tx) => {
    const id = ownTransactionId(stop.transactionId);
    const [, row, idTagInfo] = await Promise.all([
      lockChargePoint(tx, stop.chargePointId),
      id === null ? null : loadTransaction(tx, stop.chargePointId, id),
      stop.idTag === null ? null : authorize(tx, stop.idTag, stop.receivedAt),
    ]);
    if (row === null) await keepUnknown(tx, vocabulary, stop);
    else if (row.stoppedBy !== 'charger') await close(tx, vocabulary, row, stop);
    return idTagInfo === null ? {} : { idTagInfo };
  });
}

async function keepUnknown(sql: Sql, vocabulary: Vocabulary, stop: TransactionStop): Promise<void> {
  const orphan = await keepOrphanStop(sql, stop);
  if (orphan.matchedTransactionId === null && saysNothing(orphan.sentTransactionId)) {
    await matchStop(sql, vocabulary, stop.chargePointId, orphan);
  }
}

/** The energy has flowed: a Stop counts whoever's tag it names, a foreign one is flagged. */
async function close(sql: Sql, vocabulary: Vocabulary, row: TransactionRow, stop: TransactionStop): Promise<void> {
  const foreign = stop.idTag !== null && !(await isSameGroup(sql, row.idTagKey, idTagKey(stop.idTag)));
  const flags = foreign ? ['foreign-stop-tag'] : [];
  await closeTransaction(sql, vocabulary, row, { ...stop, stoppedBy: 'charger', flags });
}

async function isSameGroup(sql: Sql, one: string, other: string): Promise<boolean> {
  if (one === other) return true;
  const groupOf = await loadGroups(sql, [one, other]);
  return groupOf(one) === groupOf(other);
}
