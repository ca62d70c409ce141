/** What the API sets up, changes and removes of charge points. */
import { and, eq, sql } from 'drizzle-orm';
import type { RegistrationStatus } from '../ocpp16/types.ts';
import type { SecurityProfile } from '../ports.ts';
import type { Db } from './client.ts';
import {
  availabilityIntent,
  chargePoint,
  chargingProfile,
  configurationKey,
  connector,
  reservation,
  unknownChargePoint,
} from './schema.ts';

/** What an operator decides about a charge point; undefined = as it is. */
export type ChargePointSettings = {
  /** Stored form of credential.ts; null = none. */
  readonly credential?: string | null | undefined;
  readonly registrationStatus?: RegistrationStatus | undefined;
  readonly securityProfile?: SecurityProfile | null | undefined;
  readonly tolerant?: boolean | undefined;
};

/** Creates a charge point, which is unknown no more; false when it exists. */
export function createChargePoint(
  db: Db,
  { chargePointId, ...settings }: ChargePointSettings & { readonly chargePointId: string },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const rows = await tx
      .insert(chargePoint)
      .values({ chargePointId, ...given(settings) })
      .onConflictDoNothing()
      .returning({ chargePointId: chargePoint.chargePointId });
    await tx.delete(unknownChargePoint).where(eq(unknownChargePoint.chargePointId, chargePointId));
    return rows.length > 0;
  });
}

/**
 * Changes what is given. `unchanged`: there is no such charge point, or it would come to stand at profile 1 or 2 without a
 * credential. One statement, so that two changes at one time cannot come to that either.
 */
export async function changeChargePoint(
  db: Db,
  chargePointId: string,
  settings: ChargePointSettings,
): Promise<'changed' | 'unchanged'> {
  const profile =
    settings.securityProfile === undefined ? chargePoint.securityProfile : sql`${settings.securityProfile}::int2`;
  const credential = settings.credential === undefined ? chargePoint.credential : sql`${settings.credential}::text`;
  const rows = await db
    .update(chargePoint)
    .set({ ...given(settings), adopted: false })
    .where(
      and(
        eq(chargePoint.chargePointId, chargePointId),
        sql`not (coalesce(${profile}, 0) in (1, 2) and ${credential} is null)`,
      ),
    )
    .returning({ chargePointId: chargePoint.chargePointId });
  return rows.length > 0 ? 'changed' : 'unchanged';
}

/**
 * Removes a charge point and what is known of the device as it is now; false when there is none. Its history stays:
 * transactions, samples, events, commands.
 */
export function removeChargePoint(db: Db, chargePointId: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    const rows = await tx
      .delete(chargePoint)
      .where(eq(chargePoint.chargePointId, chargePointId))
      .returning({ chargePointId: chargePoint.chargePointId });
    for (const table of [connector, configurationKey, availabilityIntent, reservation, chargingProfile]) {
      await tx.delete(table).where(eq(table.chargePointId, chargePointId));
    }
    return rows.length > 0;
  });
}

/** Without what is undefined: drizzle leaves it out by itself, exactOptionalPropertyTypes does not know. */
function given({ credential, registrationStatus, securityProfile, tolerant }: ChargePointSettings) {
  return {
    ...(credential !== undefined && { credential }),
    ...(registrationStatus !== undefined && { registrationStatus }),
    ...(securityProfile !== undefined && { securityProfile }),
    ...(tolerant !== undefined && { tolerant }),
  };
}
