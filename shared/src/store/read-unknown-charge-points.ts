import { and, desc, eq, notExists, sql } from 'drizzle-orm';
import type { Db } from './client.ts';
import { timeOf, timestamptz } from './read-time.ts';
import { chargePoint, unknownChargePoint } from './schema.ts';

/** An identity that was refused. */
export type UnknownChargePointRow = Awaited<ReturnType<typeof readUnknownChargePoints>>[number];

/** The place of one in the list. */
export type UnknownPlace = { readonly at: Date; readonly id: string };

/** At most `limit` of them, the newest first, those after `after` in that order (null = from the newest). */
export function readUnknownChargePoints(
  db: Db,
  { after, limit }: { readonly after: UnknownPlace | null; readonly limit: number },
) {
  const { chargePointId, lastAt } = unknownChargePoint;
  const registered = db.select({ one: sql`1` }).from(chargePoint).where(eq(chargePoint.chargePointId, chargePointId));
  return db
    .select({
      chargePointId,
      attempts: unknownChargePoint.attempts,
      firstAt: timeOf(unknownChargePoint.firstAt),
      lastAt: timeOf(lastAt),
      address: unknownChargePoint.address,
      subprotocols: unknownChargePoint.subprotocols,
    })
    .from(unknownChargePoint)
    .where(
      and(
        notExists(registered),
        after === null ? undefined : sql`(${lastAt}, ${chargePointId}) < (${timestamptz(after.at)}, ${after.id})`,
      ),
    )
    .orderBy(desc(lastAt), desc(chargePointId))
    .limit(limit);
}

/** Takes one off the list; false when it is not on it. It comes back with its next attempt. */
export async function removeUnknownChargePoint(db: Db, chargePointId: string): Promise<boolean> {
  const rows = await db
    .delete(unknownChargePoint)
    .where(eq(unknownChargePoint.chargePointId, chargePointId))
    .returning({ chargePointId: unknownChargePoint.chargePointId });
  return rows.length > 0;
}
