import { and, desc, eq, sql } from 'drizzle-orm';
import type { Db } from './client.ts';
import { timeOf, timestamptz } from './read-time.ts';
import { command } from './schema.ts';

const columns = {
  commandId: command.commandId,
  chargePointId: command.chargePointId,
  action: command.action,
  payload: command.payload,
  status: command.status,
  requestedBy: command.requestedBy,
  createdAt: timeOf(command.createdAt),
  sentAt: timeOf(command.sentAt),
  endedAt: timeOf(command.endedAt),
  response: command.response,
  errorCode: command.errorCode,
  errorDescription: command.errorDescription,
  gatewayId: command.gatewayId,
  followStatus: command.followStatus,
  followDeadline: timeOf(command.followDeadline),
  followedAt: timeOf(command.followedAt),
  followDetail: command.followDetail,
  traceId: command.traceId,
};

/** What is followed beyond the answer of a command. */
export type Follow = {
  /** waiting | happened | missed */
  readonly status: string;
  readonly deadline: Date | null;
  /** When it happened; null while it has not. */
  readonly at: Date | null;
  /** The transaction, the boot, the status: what was seen. */
  readonly detail: unknown;
};

/** One command and what became of it; `follow` is null when nothing is followed. */
export type CommandRow = Awaited<ReturnType<typeof readCommands>>[number];

/** The place of a command in the list: it never changes. */
export type CommandPlace = { readonly createdAt: Date; readonly commandId: string };

/** Which commands: those of a charge point after `cursor` (null = from the newest), at most `limit`. */
export type CommandQuery = {
  readonly chargePointId: string;
  readonly cursor: CommandPlace | null;
  readonly limit: number;
};

/** Commands of a charge point, newest first. */
export async function readCommands(db: Db, { chargePointId, cursor, limit }: CommandQuery) {
  const rows = await db
    .select(columns)
    .from(command)
    .where(
      and(
        eq(command.chargePointId, chargePointId),
        cursor === null
          ? undefined
          : sql`(${command.createdAt}, ${command.commandId}) < (${timestamptz(cursor.createdAt)}, ${cursor.commandId}::uuid)`,
      ),
    )
    .orderBy(desc(command.createdAt), desc(command.commandId))
    .limit(limit);
  return rows.map(withFollow);
}

/** The command, or null when unknown. `commandId` must be a UUID. */
export async function readCommand(db: Db, commandId: string): Promise<CommandRow | null> {
  const [row] = await db.select(columns).from(command).where(eq(command.commandId, commandId));
  return row ? withFollow(row) : null;
}

function withFollow<
  Row extends {
    readonly followStatus: string | null;
    readonly followDeadline: Date | null;
    readonly followedAt: Date | null;
    readonly followDetail: unknown;
  },
>({ followStatus, followDeadline, followedAt, followDetail, ...row }: Row) {
  const follow: Follow | null =
    followStatus === null
      ? null
      : { status: followStatus, deadline: followDeadline, at: followedAt, detail: followDetail };
  return { ...row, follow };
}
