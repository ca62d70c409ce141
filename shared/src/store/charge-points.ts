import type { RegistrationStatus } from '../ocpp16/types.ts';
import type { Boot, BootOutcome, KnownChargePoint, OpenTransaction } from '../ports.ts';
import { numbers, texts } from './arrays.ts';
import { cleanText, cleanTextOrNull, traceUuid } from './border.ts';
import type { Pool, Sql } from './client.ts';
import { follow } from './follow.ts';
import { keepBootedVersion } from './follow-look-back.ts';
import { bootHappened } from './happening.ts';
import { lockChargePoint } from './locks.ts';

/** `Store.identify` */
export async function identify(sql: Pool, chargePointId: string, adopt: boolean): Promise<KnownChargePoint | null> {
  const known = await findChargePoint(sql, chargePointId);
  if (known || !adopt) return known;
  await sql`
    insert into charge_point (charge_point_id, adopted) values (${chargePointId}, true)
    on conflict do nothing`;
  return findChargePoint(sql, chargePointId);
}

/** `Store.boot` */
export function boot(sql: Pool, message: Boot): Promise<BootOutcome> {
  return sql.begin(async (tx) => {
    await lockChargePoint(tx, message.chargePointId);
    const [moved] = await keepBoot(tx, message);
    if (moved) {
      const [suspected] = await Promise.all([
        suspectOpenBefore(tx, message.chargePointId, message.receivedAt),
        keepBootedVersion(tx, message.chargePointId),
        follow(tx, [bootHappened(message)]),
      ]);
      return { registrationStatus: moved.registrationStatus, suspected };
    }
    const [kept] = await tx<{ registrationStatus: RegistrationStatus }[]>`
      select registration_status from charge_point where charge_point_id = ${message.chargePointId}`;
    return { registrationStatus: kept?.registrationStatus ?? 'Accepted', suspected: [] };
  });
}

/** `Store.seen` */
export async function seen(
  sql: Pool,
  entries: readonly { readonly chargePointId: string; readonly seenAtMs: number }[],
): Promise<void> {
  if (entries.length === 0) return;
  // Rows are locked in one order by everyone who moves many of them.
  await sql`
    with said as (
      select id, to_timestamp(max(ms) / 1000.0) as at
      from unnest(${texts(entries.map((entry) => entry.chargePointId))}::text[],
        ${numbers(entries.map((entry) => entry.seenAtMs))}::float8[]) as entry (id, ms)
      group by id
    ), later as (
      select c.charge_point_id, said.at
      from charge_point c join said on said.id = c.charge_point_id
      where c.last_seen_at is null or c.last_seen_at < said.at
      order by c.charge_point_id
      for no key update of c
    )
    update charge_point c set last_seen_at = greatest(c.last_seen_at, later.at)
    from later where c.charge_point_id = later.charge_point_id`;
}

async function findChargePoint(sql: Sql, chargePointId: string): Promise<KnownChargePoint | null> {
  const [row] = await sql<KnownChargePoint[]>`
    select charge_point_id, registration_status, credential, security_profile, tolerant, vendor, model
    from charge_point where charge_point_id = ${chargePointId}`;
  return row ? { ...row } : null;
}

/** The row when this boot is newer than the one kept, else nothing. */
function keepBoot(sql: Sql, message: Boot) {
  const text = (value: string | null) => cleanTextOrNull(value);
  return sql<{ registrationStatus: RegistrationStatus }[]>`
    insert into charge_point as kept (
      charge_point_id, adopted, vendor, model, serial_number, box_serial_number, firmware_version, iccid, imsi, meter_type,
      meter_serial_number, boot_at, last_seen_at, trace_id
    ) values (
      ${message.chargePointId}, true, ${cleanText(message.vendor)}, ${cleanText(message.model)},
      ${text(message.serialNumber)}, ${text(message.boxSerialNumber)}, ${text(message.firmwareVersion)},
      ${text(message.iccid)}, ${text(message.imsi)}, ${text(message.meterType)}, ${text(message.meterSerialNumber)},
      ${message.receivedAt}, ${message.receivedAt}, ${traceUuid(message.traceId)}
    )
    on conflict (charge_point_id) do update set
      vendor = excluded.vendor, model = excluded.model, serial_number = excluded.serial_number,
      box_serial_number = excluded.box_serial_number, firmware_version = excluded.firmware_version,
      iccid = excluded.iccid, imsi = excluded.imsi, meter_type = excluded.meter_type,
      meter_serial_number = excluded.meter_serial_number, boot_at = excluded.boot_at, clock_skew_ms = null,
      last_seen_at = greatest(kept.last_seen_at, excluded.last_seen_at), trace_id = excluded.trace_id
    where kept.boot_at is null or kept.boot_at < excluded.boot_at
    returning registration_status`;
}

/** A boot ends the charger's earlier life, but the Stop of that life often comes minutes later: nothing is closed yet. */
function suspectOpenBefore(sql: Sql, chargePointId: string, bootAt: Date) {
  return sql<OpenTransaction[]>`
    update transaction set status = 'suspect', suspect_since = ${bootAt}
    where charge_point_id = ${chargePointId} and status = 'active'
      and start_received_at < ${bootAt} and started_at <= ${bootAt}
    returning id as transaction_id, connector_id`;
}
