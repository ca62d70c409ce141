import { isPlausibleClock, newestRegister, type Register } from '../ocpp16/meter-engine.ts';
import type { Sample } from '../ocpp16/types.ts';
import { numbers, texts } from './arrays.ts';
import { cleanText, moment, traceUuid } from './border.ts';
import type { Sql } from './client.ts';
import { flagsAfter, measureSession } from './energy.ts';
import { insertSamples } from './meter-values.ts';
import { type TransactionRow, transactionColumns } from './transaction-row.ts';
import type { Vocabulary } from './vocabulary.ts';

/** How a transaction ends. */
export type Ending = {
  readonly stoppedAt: Date;
  readonly receivedAt: Date;
  readonly meterStopWh: number;
  readonly reason: string;
  readonly idTag: string | null;
  readonly stoppedBy: 'charger' | 'policy';
  readonly traceId: string;
  readonly flags: readonly string[];
  readonly samples: readonly Sample[];
};

/** Closes an open transaction, or writes over an ending by policy. The caller holds the charge point's lock. */
export async function closeTransaction(
  sql: Sql,
  vocabulary: Vocabulary,
  row: TransactionRow,
  ending: Ending,
): Promise<void> {
  const { samples, receivedAt, traceId } = ending;
  const stoppedAt = moment(ending.stoppedAt);
  const { id, chargePointId, connectorId } = row;
  await insertSamples(sql, vocabulary, [
    { chargePointId, connectorId, transactionId: id, receivedAt, traceId, samples },
  ]);
  const last = newerRegister(row, plausibleRegister(samples, receivedAt));
  const energy = await measureSession(sql, vocabulary, { ...row, ...ending, stoppedAt, lastRegisterWh: last.wh });
  const source = ending.stoppedBy === 'charger' ? energy.source : last.wh === null ? 'none' : 'last-sample';
  const clock = isPlausibleClock(stoppedAt, receivedAt) ? [] : ['implausible-clock'];
  await sql`
    update transaction set status = 'stopped', suspect_since = null, meter_stop_wh = ${ending.meterStopWh},
      stopped_at = ${stoppedAt}, stop_received_at = ${receivedAt}, stop_reason = ${cleanText(ending.reason)},
      stop_id_tag = ${ending.idTag === null ? null : cleanText(ending.idTag)}, stopped_by = ${ending.stoppedBy},
      energy_wh = ${energy.energyWh}, energy_source = ${source}, stop_trace_id = ${traceUuid(traceId)},
      flags = ${texts(flagsAfter(row.flags, energy, [...ending.flags, ...clock]))}::text[],
      last_register_wh = ${last.wh}, last_register_at = ${last.at}
    where id = ${id}`;
}

/** The ending that policy gives a transaction whose Stop does not come: the last known meter value. */
export function endingByPolicy(row: TransactionRow, now: Date): Ending {
  return {
    stoppedAt: row.lastRegisterAt ?? row.startedAt,
    receivedAt: now,
    meterStopWh: row.lastRegisterWh ?? row.meterStartWh,
    reason: 'Other',
    idTag: null,
    stoppedBy: 'policy',
    traceId: '',
    flags: [],
    samples: [],
  };
}

/** Samples may come later than the end: measures again those of the transactions whose energy depends on them. */
export async function remeasureStopped(sql: Sql, vocabulary: Vocabulary, ids: readonly number[]): Promise<void> {
  const rows = await sql<TransactionRow[]>`
    select ${transactionColumns(sql)} from transaction
    where id = any (${numbers(ids)}::int4[]) and status = 'stopped'
      and (stopped_by = 'policy' or meter_stop_wh < meter_start_wh or last_register_wh > meter_stop_wh)`;
  for (const row of rows) {
    const { stoppedAt, meterStopWh, stopReceivedAt } = row;
    if (stoppedAt === null || meterStopWh === null || stopReceivedAt === null) continue;
    if (row.stoppedBy === 'policy') {
      await closeTransaction(sql, vocabulary, row, endingByPolicy(row, stopReceivedAt));
      continue;
    }
    const energy = await measureSession(sql, vocabulary, { ...row, stoppedAt, meterStopWh });
    await sql`
      update transaction set energy_wh = ${energy.energyWh}, energy_source = ${energy.source},
        flags = ${texts(flagsAfter(row.flags, energy))}::text[]
      where id = ${row.id}`;
  }
}

/** The newest register among samples with a plausible time, or null. */
export function plausibleRegister(samples: readonly Sample[], receivedAt: Date): Register | null {
  return newestRegister(samples.filter((sample) => isPlausibleClock(sample.sampledAt, receivedAt)));
}

/** At one time the greater register is the later one. */
function newerRegister(row: TransactionRow, found: Register | null): { wh: number | null; at: Date | null } {
  const kept = { wh: row.lastRegisterWh, at: row.lastRegisterAt };
  if (found === null) return kept;
  const difference = kept.at === null || kept.wh === null ? 1 : found.sampledAt.getTime() - kept.at.getTime();
  const newer = difference > 0 || (difference === 0 && found.registerWh > (kept.wh ?? 0));
  return newer ? { wh: found.registerWh, at: found.sampledAt } : kept;
}
