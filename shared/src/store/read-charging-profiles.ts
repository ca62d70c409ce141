import { and, asc, eq, gt } from 'drizzle-orm';
import type { Db } from './client.ts';
import { timeOf } from './read-time.ts';
import { chargingProfile } from './schema.ts';

/** One charging profile a charge point is known to have. */
export type ChargingProfileRow = Awaited<ReturnType<typeof readChargingProfiles>>[number];

/** Which profiles: those of one charge point after `after` (null = from the smallest id), at most `limit`. */
export type ChargingProfileQuery = {
  readonly chargePointId: string;
  readonly after: number | null;
  readonly limit: number;
};

/** Charging profiles of a charge point, by id. */
export function readChargingProfiles(db: Db, query: ChargingProfileQuery) {
  return db
    .select({
      chargingProfileId: chargingProfile.chargingProfileId,
      connectorId: chargingProfile.connectorId,
      stackLevel: chargingProfile.stackLevel,
      purpose: chargingProfile.purpose,
      profile: chargingProfile.profile,
      setAt: timeOf(chargingProfile.at),
    })
    .from(chargingProfile)
    .where(
      and(
        eq(chargingProfile.chargePointId, query.chargePointId),
        query.after === null ? undefined : gt(chargingProfile.chargingProfileId, query.after),
      ),
    )
    .orderBy(asc(chargingProfile.chargingProfileId))
    .limit(query.limit);
}
