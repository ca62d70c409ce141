import { and, desc, eq, isNotNull, sql } from 'drizzle-orm';
import type { Db } from './client.ts';
import { type Period, timeOf, timestamptz, within } from './read-time.ts';
import { frame } from './schema.ts';

/** One frame of the message log. */
export type FrameRow = Awaited<ReturnType<typeof readFrames>>[number];

/** The place of a frame in the log. */
export type FramePlace = { readonly at: Date; readonly id: number };

/** Which frames; the period is of when the gateway read or wrote them. */
export type FrameQuery = Period & {
  readonly chargePointId?: string | undefined;
  /** Of the Call, also for its answer. */
  readonly action?: string | undefined;
  readonly direction?: 'in' | 'out' | undefined;
  /** Only CALLERRORs and what could not be read. */
  readonly errors?: boolean | undefined;
  readonly after: FramePlace | null;
  readonly limit: number;
};

/** At most `limit` frames, the newest first, those after `after` in that order (null = from the newest). */
export function readFrames(db: Db, query: FrameQuery) {
  const { chargePointId, action, direction, errors = false, after } = query;
  return db
    .select({
      id: frame.id,
      at: timeOf(frame.at),
      chargePointId: frame.chargePointId,
      connectionId: frame.connectionId,
      gatewayId: frame.gatewayId,
      direction: frame.direction,
      kind: frame.kind,
      messageId: frame.messageId,
      action: frame.action,
      text: frame.text,
      latencyMs: frame.latencyMs,
      errorCode: frame.errorCode,
      traceId: frame.traceId,
    })
    .from(frame)
    .where(
      and(
        chargePointId === undefined ? undefined : eq(frame.chargePointId, chargePointId),
        action === undefined ? undefined : eq(frame.action, action),
        direction === undefined ? undefined : eq(frame.direction, direction),
        errors ? isNotNull(frame.errorCode) : undefined,
        ...within(frame.at, query),
        after === null ? undefined : sql`(${frame.at}, ${frame.id}) < (${timestamptz(after.at)}, ${after.id})`,
      ),
    )
    .orderBy(desc(frame.at), desc(frame.id))
    .limit(query.limit);
}
