import { texts } from './arrays.ts';
import { idTagKey } from './border.ts';
import type { Sql } from './client.ts';
import { int32Field, textField } from './fields.ts';
import { eventHappened, type Happening, startHappened } from './happening.ts';

type Looked = {
  readonly chargePointId: string;
  readonly action: string;
  readonly payload: unknown;
  readonly since: Date;
  readonly deadline: Date;
};

/** A Start that is waited for is one of the charge point's last. */
const LAST_STARTS = 50;
/** Samples are found by their partition; the charger's clock may differ by this much. */
const CLOCK_MARGIN_MS = 86_400_000;

/** What a command waits for, as far as it is in the store already. */
export async function seenBefore(sql: Sql, looked: Looked): Promise<Happening[]> {
  const { action, payload } = looked;
  if (action === 'RemoteStartTransaction') return startsSeen(sql, looked);
  if (action === 'Reset') return bootSeen(sql, looked);
  if (action.endsWith('UpdateFirmware')) {
    await keepBootedVersion(sql, looked.chargePointId);
    return eventsSeen(sql, looked, ['FirmwareStatusNotification', 'SignedFirmwareStatusNotification']);
  }
  const message = textField(payload, 'requestedMessage') ?? '';
  switch (message) {
    case 'BootNotification':
      return bootSeen(sql, looked);
    case 'StatusNotification':
      return statusSeen(sql, looked);
    case 'MeterValues':
      return readingSeen(sql, looked);
    case 'SignChargePointCertificate':
      return certificateRequestSeen(sql, looked);
    case 'FirmwareStatusNotification':
      return eventsSeen(sql, looked, [message, `Signed${message}`]);
    default:
      return eventsSeen(sql, looked, [message]);
  }
}

/** Keeps the firmware version of the last boot with the updates it came after, those installed since included. */
export async function keepBootedVersion(sql: Sql, chargePointId: string): Promise<void> {
  await sql`
    update command c set follow_detail = coalesce(c.follow_detail, '{}')
      || jsonb_build_object('firmwareVersion', p.firmware_version, 'bootAt', to_char(p.boot_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    from charge_point p
    where p.charge_point_id = ${chargePointId} and p.firmware_version is not null
      and c.charge_point_id = p.charge_point_id and c.created_at > p.boot_at - interval '3 days'
      and c.action in ('UpdateFirmware', 'SignedUpdateFirmware') and c.follow_status in ('waiting', 'happened')
      and p.boot_at between coalesce(c.sent_at, c.created_at) and c.follow_deadline`;
}

async function startsSeen(sql: Sql, looked: Looked): Promise<Happening[]> {
  const key = idTagKey(textField(looked.payload, 'idTag') ?? '');
  const rows = await sql<{ id: number; connectorId: number; startReceivedAt: Date }[]>`
    select id, connector_id, start_received_at from (
      select id, connector_id, id_tag_key, start_received_at from transaction
      where charge_point_id = ${looked.chargePointId} order by id desc limit ${LAST_STARTS}) t
    where id_tag_key = ${key} and start_received_at between ${looked.since} and ${looked.deadline}`;
  return rows.map((row) =>
    startHappened({
      chargePointId: looked.chargePointId,
      receivedAt: row.startReceivedAt,
      connectorId: row.connectorId,
      idTagKey: key,
      transactionId: row.id,
    }),
  );
}

async function bootSeen(sql: Sql, { chargePointId, since, deadline }: Looked): Promise<Happening[]> {
  const rows = await sql<{ bootAt: Date; firmwareVersion: string | null }[]>`
    select boot_at, firmware_version from charge_point
    where charge_point_id = ${chargePointId} and boot_at between ${since} and ${deadline}`;
  return rows.map(({ bootAt, firmwareVersion }) => ({
    chargePointId,
    message: 'BootNotification',
    at: bootAt,
    detail: { bootAt: bootAt.toISOString(), firmwareVersion },
  }));
}

async function statusSeen(sql: Sql, { chargePointId, since, deadline }: Looked): Promise<Happening[]> {
  const rows = await sql<{ connectorId: number; status: string; receivedAt: Date }[]>`
    select connector_id, status, received_at from connector
    where charge_point_id = ${chargePointId} and received_at between ${since} and ${deadline}`;
  return rows.map(({ connectorId, status, receivedAt: at }) => ({
    chargePointId,
    message: 'StatusNotification',
    at,
    connectorId,
    detail: { connectorId, status },
  }));
}

async function readingSeen(sql: Sql, { chargePointId, payload, since, deadline }: Looked): Promise<Happening[]> {
  const connectorId = int32Field(payload, 'connectorId') ?? null;
  const rows = await sql<{ connectorId: number; receivedAt: Date }[]>`
    select connector_id, received_at from meter_value
    where charge_point_id = ${chargePointId} and (${connectorId}::int4 is null or connector_id = ${connectorId}::int4)
      and sampled_at between ${shifted(since, -CLOCK_MARGIN_MS)} and ${shifted(deadline, CLOCK_MARGIN_MS)}
      and received_at between ${since} and ${deadline}
    order by received_at limit 1`;
  return rows.map((row) => ({
    chargePointId,
    message: 'MeterValues',
    at: row.receivedAt,
    connectorId: row.connectorId,
    detail: { connectorId: row.connectorId },
  }));
}

async function certificateRequestSeen(sql: Sql, { chargePointId, since, deadline }: Looked): Promise<Happening[]> {
  const rows = await sql<{ receivedAt: Date; digest: string }[]>`
    select received_at, digest from certificate_request
    where charge_point_id = ${chargePointId} and received_at between ${since} and ${deadline}`;
  return rows.map(({ receivedAt: at, digest }) => ({
    chargePointId,
    message: 'SignChargePointCertificate',
    at,
    detail: { digest },
  }));
}

async function eventsSeen(sql: Sql, looked: Looked, kinds: readonly string[]): Promise<Happening[]> {
  const { chargePointId } = looked;
  const rows = await sql<{ kind: string; receivedAt: Date; payload: unknown }[]>`
    select kind, received_at, payload from charge_point_event
    where charge_point_id = ${chargePointId} and kind = any (${texts(kinds)}::text[])
      and received_at between ${looked.since} and ${looked.deadline}`;
  return rows.map((row) => eventHappened({ chargePointId, ...row }));
}

const shifted = (at: Date, ms: number) => new Date(at.getTime() + ms);
