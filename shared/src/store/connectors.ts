import { isPlausibleClock } from '../ocpp16/meter-engine.ts';
import type { ConnectorStatus } from '../ports.ts';
import { numbers, texts, times } from './arrays.ts';
import { cleanText, cleanTextOrNull, int32, moment, traceUuid } from './border.ts';
import type { Pool, Sql } from './client.ts';
import { replaces, type StatusStamp } from './connector-order.ts';
import { follow } from './follow.ts';
import { statusHappened } from './happening.ts';
import { lockChargePoints } from './locks.ts';

const WHOLE_CHARGE_POINT: readonly string[] = ['Available', 'Unavailable', 'Faulted'];

type Status = StatusStamp & {
  readonly chargePointId: string;
  readonly connectorId: number;
  readonly status: string;
  readonly errorCode: string;
  readonly info: string | null;
  readonly vendorId: string | null;
  readonly vendorErrorCode: string | null;
  readonly statusAt: Date;
  /** False when the charger sent no time: its clock is not known then. */
  readonly stamped: boolean;
  readonly flags: readonly string[];
  readonly traceId: string | null;
};

type Known = { readonly bootAts: Map<string, Date | null>; readonly connectors: Map<string, StatusStamp> };

/** `Store.connectorStatuses` */
export async function connectorStatuses(sql: Pool, messages: readonly ConnectorStatus[]): Promise<void> {
  if (messages.length === 0) return;
  const statuses = messages.map(read);
  const chargePointIds = [...new Set(statuses.map((status) => status.chargePointId))];
  await sql.begin(async (tx) => {
    const [, , known] = await Promise.all([
      lockChargePoints(tx, chargePointIds),
      appendHistory(tx, statuses),
      loadKnown(tx, chargePointIds),
    ]);
    const moved = newest(statuses, known);
    await Promise.all([
      moved.length > 0 && moveConnectors(tx, moved),
      widenClockSkew(tx, statuses, known),
      follow(tx, messages.map(statusHappened)),
    ]);
  });
}

function read(message: ConnectorStatus): Status {
  const statusAt = moment(message.statusAt ?? message.receivedAt);
  const plausible = isPlausibleClock(statusAt, message.receivedAt);
  const connectorId = int32(message.connectorId);
  // [OCPP 1.6, 4.9] other words for the whole charge point are kept as they came
  const misplaced = connectorId === 0 && !WHOLE_CHARGE_POINT.includes(message.status);
  return {
    chargePointId: message.chargePointId,
    connectorId,
    status: cleanText(message.status),
    errorCode: cleanText(message.errorCode),
    info: cleanTextOrNull(message.info),
    vendorId: cleanTextOrNull(message.vendorId),
    vendorErrorCode: cleanTextOrNull(message.vendorErrorCode),
    statusAt,
    stamped: message.statusAt !== null,
    effectiveAt: new Date(Math.min(statusAt.getTime(), message.receivedAt.getTime())),
    receivedAt: message.receivedAt,
    plausible,
    flags: [...(plausible ? [] : ['implausible-clock']), ...(misplaced ? ['connector-0-status'] : [])],
    traceId: traceUuid(message.traceId),
  };
}

const keyOf = (status: { readonly chargePointId: string; readonly connectorId: number }) =>
  `${status.connectorId} ${status.chargePointId}`;

/** At most one status per connector: the one that is to replace what is kept. */
function newest(statuses: readonly Status[], known: Known): Status[] {
  const winners = new Map<string, Status>();
  for (const status of statuses) {
    const key = keyOf(status);
    const kept = winners.get(key) ?? known.connectors.get(key);
    if (!kept || replaces(status, kept, known.bootAts.get(status.chargePointId) ?? null)) winners.set(key, status);
  }
  return [...winners.values()];
}

async function loadKnown(sql: Sql, chargePointIds: readonly string[]): Promise<Known> {
  const rows = await sql`
    select p.id as charge_point_id, c.boot_at, k.connector_id, k.effective_at, k.received_at,
      not 'implausible-clock' = any (k.flags) as plausible
    from unnest(${texts(chargePointIds)}::text[]) as p (id)
    left join charge_point c on c.charge_point_id = p.id
    left join connector k on k.charge_point_id = p.id`;
  const known: Known = { bootAts: new Map(), connectors: new Map() };
  for (const { chargePointId, connectorId, bootAt, ...stamp } of rows) {
    known.bootAts.set(chargePointId, bootAt);
    if (connectorId !== null) known.connectors.set(keyOf({ chargePointId, connectorId }), stamp as StatusStamp);
  }
  return known;
}

function appendHistory(sql: Sql, statuses: readonly Status[]) {
  return sql`
    insert into connector_status (charge_point_id, connector_id, status, error_code, info, vendor_id, vendor_error_code,
      status_at, received_at, trace_id)
    select * from unnest(${texts(statuses.map((s) => s.chargePointId))}::text[],
      ${numbers(statuses.map((s) => s.connectorId))}::int4[], ${texts(statuses.map((s) => s.status))}::text[],
      ${texts(statuses.map((s) => s.errorCode))}::text[], ${texts(statuses.map((s) => s.info))}::text[],
      ${texts(statuses.map((s) => s.vendorId))}::text[], ${texts(statuses.map((s) => s.vendorErrorCode))}::text[],
      ${times(statuses.map((s) => s.statusAt))}::timestamptz[], ${times(statuses.map((s) => s.receivedAt))}::timestamptz[],
      ${texts(statuses.map((s) => s.traceId))}::uuid[])
    on conflict do nothing`;
}

function moveConnectors(sql: Sql, statuses: readonly Status[]) {
  return sql`
    insert into connector (charge_point_id, connector_id, status, error_code, info, vendor_id, vendor_error_code, status_at,
      effective_at, received_at, flags, trace_id)
    select id, number, status, error_code, info, vendor_id, vendor_error_code, status_at, effective_at, received_at,
      string_to_array(flags, ','), trace_id
    from unnest(${texts(statuses.map((s) => s.chargePointId))}::text[],
      ${numbers(statuses.map((s) => s.connectorId))}::int4[], ${texts(statuses.map((s) => s.status))}::text[],
      ${texts(statuses.map((s) => s.errorCode))}::text[], ${texts(statuses.map((s) => s.info))}::text[],
      ${texts(statuses.map((s) => s.vendorId))}::text[], ${texts(statuses.map((s) => s.vendorErrorCode))}::text[],
      ${times(statuses.map((s) => s.statusAt))}::timestamptz[], ${times(statuses.map((s) => s.effectiveAt))}::timestamptz[],
      ${times(statuses.map((s) => s.receivedAt))}::timestamptz[], ${texts(statuses.map((s) => s.flags.join(',')))}::text[],
      ${texts(statuses.map((s) => s.traceId))}::uuid[])
      as said (id, number, status, error_code, info, vendor_id, vendor_error_code, status_at, effective_at, received_at,
        flags, trace_id)
    on conflict (charge_point_id, connector_id) do update set status = excluded.status, error_code = excluded.error_code,
      info = excluded.info, vendor_id = excluded.vendor_id, vendor_error_code = excluded.vendor_error_code,
      status_at = excluded.status_at, effective_at = excluded.effective_at, received_at = excluded.received_at,
      flags = excluded.flags, trace_id = excluded.trace_id`;
}

/** A message can only be delayed, never sent ahead of its time: the greatest difference is the nearest to the truth. */
async function widenClockSkew(sql: Sql, statuses: readonly Status[], known: Known): Promise<void> {
  const skews = new Map<string, number>();
  for (const status of statuses) {
    const bootAt = known.bootAts.get(status.chargePointId);
    if (!status.plausible || !status.stamped || (bootAt && status.receivedAt < bootAt)) continue;
    const skewMs = status.statusAt.getTime() - status.receivedAt.getTime();
    skews.set(status.chargePointId, Math.max(skewMs, skews.get(status.chargePointId) ?? skewMs));
  }
  if (skews.size === 0) return;
  await sql`
    with wider as (
      select c.charge_point_id, said.skew_ms
      from unnest(${texts([...skews.keys()])}::text[], ${numbers([...skews.values()])}::int8[]) as said (id, skew_ms)
      join charge_point c on c.charge_point_id = said.id
      where c.clock_skew_ms is null or c.clock_skew_ms < said.skew_ms
      order by c.charge_point_id
      for no key update of c
    )
    update charge_point c set clock_skew_ms = wider.skew_ms from wider where c.charge_point_id = wider.charge_point_id`;
}
