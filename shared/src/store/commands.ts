import type { CommandRecord, CommandStatus } from '../ports.ts';
import { withoutSecrets } from '../redaction.ts';
import type { Answered } from './answered.ts';
import { texts, times } from './arrays.ts';
import { cleanJson, cleanText, traceUuid } from './border.ts';
import type { Pool, Sql } from './client.ts';
import { learn } from './command-effects.ts';
import { beginFollowing, follow } from './follow.ts';
import { heartbeatsHappened } from './happening.ts';
import { lockChargePoints } from './locks.ts';

/**
 * The order of what is said of one command, whatever the order it comes in:
 *
 *   queued --> sent --> aborted, timed-out --> answered, rejected --> late
 */
const RANKS: Readonly<Record<CommandStatus, number>> = {
  queued: 0,
  sent: 1,
  aborted: 2,
  'timed-out': 2,
  answered: 3,
  rejected: 3,
  late: 4,
};

/** The part of a command that moves. */
type Standing = {
  readonly status: CommandStatus;
  readonly sentAt: Date | null;
  readonly endedAt: Date | null;
  readonly response: unknown;
  readonly errorCode: string | null;
  readonly errorDescription: string | null;
  readonly gatewayId: string;
};

type Moved = { readonly record: CommandRecord; readonly before: Standing | undefined; readonly now: Standing };

/** Most records in one DB transaction: each charge point takes a place in the server's lock table. */
const MOST_AT_ONCE = 500;

/** `Store.commandRecords`. Greater sets are several DB transactions; each is idempotent. */
export async function keepCommandRecords(sql: Pool, records: readonly CommandRecord[]): Promise<void> {
  for (let from = 0; from < records.length; from += MOST_AT_ONCE) {
    await keepSet(sql, records.slice(from, from + MOST_AT_ONCE));
  }
}

async function keepSet(sql: Pool, records: readonly CommandRecord[]): Promise<void> {
  const chargePointIds = [...new Set(records.map((record) => record.chargePointId))];
  await sql.begin(async (tx) => {
    const [, kept] = await Promise.all([lockChargePoints(tx, chargePointIds), loadStandings(tx, records)]);
    const moved = move(records, kept);
    if (moved.length > 0) await write(tx, moved);
    for (const answered of newlyAnswered(moved)) {
      await learn(tx, answered);
      await beginFollowing(tx, answered);
    }
    await follow(tx, heartbeatsHappened(records));
  });
}

async function loadStandings(sql: Sql, records: readonly CommandRecord[]): Promise<Map<string, Standing>> {
  const rows = await sql<(Standing & { commandId: string })[]>`
    select command_id, status, sent_at, ended_at, response, error_code, error_description, gateway_id
    from command where command_id = any (${texts([...new Set(records.map((record) => record.commandId))])}::uuid[])`;
  return new Map(rows.map(({ commandId, ...standing }) => [commandId, standing]));
}

/** Those that come to stand elsewhere than they did. */
function move(records: readonly CommandRecord[], kept: ReadonlyMap<string, Standing>): Moved[] {
  const moved = new Map<string, Moved>();
  for (const record of records) {
    const commandId = record.commandId.toLowerCase();
    const before = kept.get(commandId);
    const standing = moved.get(commandId)?.now ?? before;
    const now = standing ? merged(standing, standingOf(record)) : standingOf(record);
    if (now !== standing) moved.set(commandId, { record, before, now });
  }
  return [...moved.values()];
}

function standingOf(record: CommandRecord): Standing {
  const at = new Date(record.atMs);
  const rank = RANKS[record.status];
  return {
    status: record.status,
    sentAt: rank === RANKS.sent ? at : null,
    endedAt: rank > RANKS.sent ? at : null,
    response: record.response ?? null,
    errorCode: record.error && cleanText(record.error.code),
    errorDescription: record.error && cleanText(record.error.description),
    gatewayId: cleanText(record.gatewayId),
  };
}

/** The higher of the two; both of one rank, the one that came to it first. `kept` itself when nothing is new. */
function merged(kept: Standing, said: Standing): Standing {
  const sentAt = earlier(kept.sentAt, said.sentAt);
  const higher = RANKS[said.status] - RANKS[kept.status];
  const wins = higher > 0 || (higher === 0 && isBefore(said.endedAt, kept.endedAt));
  if (wins) return { ...said, sentAt };
  return sentAt?.getTime() === kept.sentAt?.getTime() ? kept : { ...kept, sentAt };
}

const isBefore = (one: Date | null, other: Date | null) => one !== null && other !== null && one < other;
const earlier = (one: Date | null, other: Date | null) => (one === null || isBefore(other, one) ? other : one);

function write(sql: Sql, moved: readonly Moved[]) {
  const of = <T>(value: (each: Moved) => T) => moved.map(value);
  return sql`
    insert into command (command_id, charge_point_id, action, payload, status, requested_by, created_at, sent_at, ended_at,
      response, error_code, error_description, gateway_id, trace_id)
    select * from unnest(${texts(of(({ record }) => record.commandId))}::uuid[],
      ${texts(of(({ record }) => record.chargePointId))}::text[], ${texts(of(({ record }) => record.action))}::text[],
      ${texts(of(({ record }) => cleanJson(withoutSecrets(record.payload))))}::jsonb[], ${texts(of(({ now }) => now.status))}::text[],
      ${texts(of(({ record }) => cleanText(record.requestedBy)))}::text[],
      ${times(of(({ record }) => new Date(record.createdAtMs)))}::timestamptz[],
      ${times(of(({ now }) => now.sentAt))}::timestamptz[], ${times(of(({ now }) => now.endedAt))}::timestamptz[],
      ${texts(of(({ now }) => (now.response === null ? null : cleanJson(withoutSecrets(now.response)))))}::jsonb[],
      ${texts(of(({ now }) => now.errorCode))}::text[], ${texts(of(({ now }) => now.errorDescription))}::text[],
      ${texts(of(({ now }) => now.gatewayId))}::text[], ${texts(of(({ record }) => traceUuid(record.traceId)))}::uuid[])
    on conflict (command_id) do update set status = excluded.status, sent_at = excluded.sent_at,
      ended_at = excluded.ended_at, response = excluded.response, error_code = excluded.error_code,
      error_description = excluded.error_description, gateway_id = excluded.gateway_id`;
}

/** Those whose CALLRESULT came just now, in the order the charge points answered. */
function newlyAnswered(moved: readonly Moved[]): Answered[] {
  return moved
    .flatMap(({ record, before, now }): Answered[] => {
      const isNew = now.response !== null && (before?.response ?? null) === null;
      if (!isNew || now.endedAt === null) return [];
      const { commandId, chargePointId, action, payload } = record;
      const since = now.sentAt ?? new Date(record.createdAtMs);
      return [{ commandId, chargePointId, action, payload, response: now.response, since, at: now.endedAt }];
    })
    .toSorted((one, other) => one.at.getTime() - other.at.getTime());
}
