import type { IdTagInfo } from '../ocpp16/types.ts';
import type { Sql } from './client.ts';

/** A transaction as the writing side needs it; columns as in schema.ts. */
export type TransactionRow = {
  readonly id: number;
  readonly chargePointId: string;
  readonly connectorId: number;
  readonly idTagKey: string;
  readonly meterStartWh: number;
  readonly startedAt: Date;
  readonly startReceivedAt: Date;
  readonly idTagInfo: IdTagInfo;
  readonly status: 'active' | 'suspect' | 'stopped';
  readonly lastRegisterWh: number | null;
  readonly lastRegisterAt: Date | null;
  readonly meterStopWh: number | null;
  readonly stoppedAt: Date | null;
  readonly stopReceivedAt: Date | null;
  readonly stoppedBy: 'charger' | 'policy' | null;
  readonly flags: readonly string[];
};

/** Columns of a TransactionRow, by name: a `select *` fails on open connections when a migration adds one. */
export function transactionColumns(sql: Sql) {
  return sql([
    'id',
    'charge_point_id',
    'connector_id',
    'id_tag_key',
    'meter_start_wh',
    'started_at',
    'start_received_at',
    'id_tag_info',
    'status',
    'last_register_wh',
    'last_register_at',
    'meter_stop_wh',
    'stopped_at',
    'stop_received_at',
    'stopped_by',
    'flags',
  ]);
}

/** The charge point's own transaction, or null: an id of another charge point is unknown. */
export async function loadTransaction(sql: Sql, chargePointId: string, id: number): Promise<TransactionRow | null> {
  const [row] = await sql<TransactionRow[]>`
    select ${transactionColumns(sql)} from transaction where id = ${id} and charge_point_id = ${chargePointId}`;
  return row ?? null;
}

/** Those of the charge point that no Stop of the charger has ended: running, suspect, or closed by policy. */
export async function loadUnstopped(sql: Sql, chargePointId: string): Promise<TransactionRow[]> {
  return sql<TransactionRow[]>`
    select ${transactionColumns(sql)} from transaction where charge_point_id = ${chargePointId} and status <> 'stopped'
    union all
    select ${transactionColumns(sql)} from transaction t
    where charge_point_id = ${chargePointId} and stopped_by = 'policy' and not exists (
      -- Another one on this connector since: it was over by then, a Stop of today is not its own.
      select from transaction later
      where later.charge_point_id = t.charge_point_id and later.connector_id = t.connector_id
        and later.started_at > t.started_at)`;
}
