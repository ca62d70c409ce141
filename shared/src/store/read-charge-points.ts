import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { Db } from './client.ts';
import { timeOf } from './read-time.ts';
import { chargePoint } from './schema.ts';

const columns = {
  chargePointId: chargePoint.chargePointId,
  registrationStatus: chargePoint.registrationStatus,
  vendor: chargePoint.vendor,
  model: chargePoint.model,
  serialNumber: chargePoint.serialNumber,
  boxSerialNumber: chargePoint.boxSerialNumber,
  firmwareVersion: chargePoint.firmwareVersion,
  iccid: chargePoint.iccid,
  imsi: chargePoint.imsi,
  meterType: chargePoint.meterType,
  meterSerialNumber: chargePoint.meterSerialNumber,
  bootAt: timeOf(chargePoint.bootAt),
  lastSeenAt: timeOf(chargePoint.lastSeenAt),
  online: chargePoint.online,
  presenceAt: timeOf(chargePoint.presenceAt),
  gatewayId: chargePoint.gatewayId,
  connectionId: chargePoint.connectionId,
  address: chargePoint.address,
  lastDisconnectAt: timeOf(chargePoint.lastDisconnectAt),
  lastDisconnectReason: chargePoint.lastDisconnectReason,
  lastDisconnectCategory: chargePoint.lastDisconnectCategory,
  createdAt: timeOf(chargePoint.createdAt),
  clockSkewMs: chargePoint.clockSkewMs,
  localListVersion: chargePoint.localListVersion,
  tolerant: chargePoint.tolerant,
  securityProfile: chargePoint.securityProfile,
  adopted: chargePoint.adopted,
  // The credential itself never leaves the database on this road.
  hasCredential: sql<boolean>`${chargePoint.credential} is not null`,
  traceId: chargePoint.traceId,
};

/** One charge point as the store knows it. */
export type ChargePointRow = Awaited<ReturnType<typeof readChargePoints>>[number];

/** At most `limit` charge points by id, those after `after` (null = from the first), of one presence if asked. */
export function readChargePoints(
  db: Db,
  query: { readonly after: string | null; readonly limit: number; readonly online?: boolean | undefined },
) {
  return db
    .select(columns)
    .from(chargePoint)
    .where(
      and(
        query.after === null ? undefined : gt(chargePoint.chargePointId, query.after),
        query.online === undefined ? undefined : eq(chargePoint.online, query.online),
      ),
    )
    .orderBy(asc(chargePoint.chargePointId))
    .limit(query.limit);
}

/** The charge point, or null when unknown. */
export async function readChargePoint(db: Db, chargePointId: string): Promise<ChargePointRow | null> {
  const rows = await db.select(columns).from(chargePoint).where(eq(chargePoint.chargePointId, chargePointId));
  return rows[0] ?? null;
}

/** True when the charge point is known. */
export async function isChargePointKnown(db: Db, chargePointId: string): Promise<boolean> {
  const rows = await db
    .select({ chargePointId: chargePoint.chargePointId })
    .from(chargePoint)
    .where(eq(chargePoint.chargePointId, chargePointId));
  return rows.length > 0;
}
