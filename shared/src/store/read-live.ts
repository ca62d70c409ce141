import { numbers, texts } from './arrays.ts';
import type { Pool } from './client.ts';

/** A transaction as it stands after a change. */
export type LiveTransaction = {
  readonly id: number;
  readonly chargePointId: string;
  readonly connectorId: number;
  readonly status: string;
  /** Delivered energy; null while it runs. */
  readonly energyWh: number | null;
  /** Delivered so far; null before a first sample. */
  readonly liveEnergyWh: number | null;
  readonly lastRegisterAt: Date | null;
  readonly stoppedAt: Date | null;
  readonly stopReason: string | null;
  /** charger | policy; null while it runs. */
  readonly stoppedBy: string | null;
};

/** A message nobody's transaction was found for. */
export type LiveOrphan = {
  readonly id: number;
  readonly chargePointId: string;
  readonly action: string;
  readonly sentTransactionId: string;
  readonly traceId: string;
};

/** Reads of what was just committed, for live events. */
export type LiveReads = {
  /** Those of the ids that belong to the charge point named beside. */
  liveTransactions(
    named: readonly { readonly id: number; readonly chargePointId: string }[],
  ): Promise<LiveTransaction[]>;
  /** Waiting orphans that came with one of these trace ids. */
  liveOrphans(letters: readonly { readonly chargePointId: string; readonly traceId: string }[]): Promise<LiveOrphan[]>;
};

/** `LiveReads` in Postgres: one statement each. */
export function liveReads(sql: Pool): LiveReads {
  return {
    liveTransactions: async (named) =>
      named.length === 0
        ? []
        : await sql<LiveTransaction[]>`
          select t.id, t.charge_point_id, t.connector_id, t.status, t.energy_wh,
            t.last_register_wh - t.meter_start_wh as live_energy_wh, t.last_register_at, t.stopped_at, t.stop_reason, t.stopped_by
          from unnest(${numbers(named.map(({ id }) => id))}::int4[],
            ${texts(named.map(({ chargePointId }) => chargePointId))}::text[]) as said (id, charge_point_id)
          join transaction t on t.id = said.id and t.charge_point_id = said.charge_point_id`,
    liveOrphans: async (letters) =>
      letters.length === 0
        ? []
        : await sql<LiveOrphan[]>`
          select o.id, o.charge_point_id, o.action, o.sent_transaction_id, replace(o.trace_id::text, '-', '') as trace_id
          from orphan o
          where o.charge_point_id = any (${texts([...new Set(letters.map((each) => each.chargePointId))])}::text[])
            and o.matched_transaction_id is null
            and o.trace_id = any (${texts([...new Set(letters.map((each) => each.traceId))])}::uuid[])`,
  };
}
