/**
 * What is followed beyond the answer of a command.
 *
 *   null --- accepted ---> waiting --- it was seen in time ---> happened
 *                             \------- it failed, or the deadline passed ---> missed
 *
 * Whoever keeps what a charge point says calls `follow` with it: one look at the index of what waits, which is empty
 * nearly always. What was kept before the answer was is looked for when the answer comes, and once more at the deadline.
 * Heartbeats are kept nowhere: the gateway that answers one tells it with another record of the command that asked for it.
 */
import { type Answered, statusOf } from './answered.ts';
import { texts, times } from './arrays.ts';
import { cleanJson } from './border.ts';
import type { Sql } from './client.ts';
import { seenBefore } from './follow-look-back.ts';
import type { Happening } from './happening.ts';

const MINUTE_MS = 60_000;

/** Most waiting commands looked at before a set is compared with all of them. */
const MOST_LOOKED = 200;

/** How long each action's outcome is waited for, from the answer on. */
const PATIENCE_MS: ReadonlyMap<string, number> = new Map([
  ['RemoteStartTransaction', 2 * MINUTE_MS],
  ['Reset', 5 * MINUTE_MS],
  ['UpdateFirmware', 24 * 60 * MINUTE_MS],
  ['SignedUpdateFirmware', 24 * 60 * MINUTE_MS],
  ['TriggerMessage', MINUTE_MS],
  ['ExtendedTriggerMessage', MINUTE_MS],
]);

/** Starts following an accepted command and looks whether it happened already. */
export async function beginFollowing(sql: Sql, answered: Answered): Promise<void> {
  const patienceMs = PATIENCE_MS.get(answered.action);
  if (patienceMs === undefined || !isAccepted(answered)) return;
  const deadline = new Date(answered.at.getTime() + patienceMs);
  await sql`
    update command set follow_status = 'waiting', follow_deadline = ${deadline}
    where command_id = ${answered.commandId} and follow_status is null`;
  await follow(sql, await seenBefore(sql, { ...answered, deadline }));
}

/** Moves the commands that waited for what happened. The earliest of several counts. */
export async function follow(sql: Sql, said: readonly Happening[]): Promise<void> {
  if (said.length === 0) return;
  const happenings = await waitedFor(sql, said);
  if (happenings.length === 0) return;
  const of = <T>(value: (happening: Happening) => T) => happenings.map(value);
  await sql`
    with said as (
      select * from unnest(${texts(of((h) => h.chargePointId))}::text[], ${texts(of((h) => h.message))}::text[],
        ${times(of((h) => h.at))}::timestamptz[], ${texts(of((h) => textOrNull(h.connectorId)))}::text[],
        ${texts(of((h) => h.idTagKey ?? null))}::text[], ${texts(of((h) => h.requestId ?? null))}::text[],
        ${texts(of((h) => h.firmware ?? null))}::text[], ${texts(of((h) => cleanJson(h.detail)))}::jsonb[])
        as said (charge_point_id, message, at, connector_id, id_tag_key, request_id, firmware, detail)
    ), moved as (
      select distinct on (c.command_id) c.command_id, said.at, said.detail, coalesce(said.firmware, 'happened') as outcome
      from said join command c on c.charge_point_id = said.charge_point_id and c.follow_status = 'waiting'
      where said.at >= coalesce(c.sent_at, c.created_at) and said.at <= c.follow_deadline and case c.action
        when 'RemoteStartTransaction' then said.message = 'StartTransaction'
          and said.id_tag_key = lower(c.payload ->> 'idTag')
          and said.connector_id = coalesce(c.payload ->> 'connectorId', said.connector_id)
        when 'Reset' then said.message = 'BootNotification'
        when 'UpdateFirmware' then said.message = 'FirmwareStatusNotification' and said.firmware is not null
        when 'SignedUpdateFirmware' then said.message = 'FirmwareStatusNotification' and said.firmware is not null
          and coalesce(said.request_id, c.payload ->> 'requestId') = c.payload ->> 'requestId'
        else said.message = c.payload ->> 'requestedMessage' and (said.connector_id is null
          or said.connector_id = coalesce(c.payload ->> 'connectorId', said.connector_id))
        end
      order by c.command_id, said.at
    )
    update command c set follow_status = moved.outcome, followed_at = moved.at,
      follow_detail = coalesce(c.follow_detail, '{}') || moved.detail
    from moved where c.command_id = moved.command_id and c.follow_status = 'waiting'`;
}

/** Those of charge points that are waited for at all. When very many are, looking them up one by one costs less. */
async function waitedFor(sql: Sql, said: readonly Happening[]): Promise<readonly Happening[]> {
  // So ordered it is read from the index of what waits, whatever the statistics say.
  const rows = await sql<{ chargePointId: string }[]>`
    select charge_point_id from command where follow_status = 'waiting' order by charge_point_id limit ${MOST_LOOKED}`;
  if (rows.length === MOST_LOOKED) return said;
  const waiting = new Set(rows.map((row) => row.chargePointId));
  return said.filter(({ chargePointId }) => waiting.has(chargePointId));
}

function isAccepted(answered: Answered): boolean {
  // [OCPP 1.6, 6.58] UpdateFirmware.conf has no fields.
  return answered.action === 'UpdateFirmware' || ['Accepted', 'AcceptedCanceled'].includes(statusOf(answered) ?? '');
}

function textOrNull(value: number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}
