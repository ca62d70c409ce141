/** What operators and start-up set up: charge points, idTags, API keys. */
import { eq } from 'drizzle-orm';
import type { RegistrationStatus } from '../ocpp16/types.ts';
import { digestOf, idTagKey } from './border.ts';
import type { Db } from './client.ts';
import { apiKey, chargePoint, idTag } from './schema.ts';

/** admin may everything, operator may command, viewer may read. */
export type Role = 'admin' | 'operator' | 'viewer';

/** Creates the charge point or changes what is given. `credential` is the stored form of credential.ts. */
export async function upsertChargePoint(
  db: Db,
  values: {
    readonly chargePointId: string;
    readonly credential?: string | null;
    readonly tolerant?: boolean;
    readonly registrationStatus?: RegistrationStatus;
  },
): Promise<void> {
  const { chargePointId, ...given } = values;
  // An operator who sets it up has adopted it himself.
  const set = { ...given, adopted: false };
  await db
    .insert(chargePoint)
    .values({ chargePointId, ...set })
    .onConflictDoUpdate({ target: chargePoint.chargePointId, set });
}

/** Creates the idTag or changes what is given. It is shown as written here and compared case-insensitively. */
export async function upsertIdTag(
  db: Db,
  values: {
    readonly idTag: string;
    readonly status?: 'Accepted' | 'Blocked' | 'Expired' | 'Invalid';
    readonly expiresAt?: Date | null;
    readonly parentIdTag?: string | null;
    /** null = any number. */
    readonly maxActiveTransactions?: number | null;
  },
): Promise<void> {
  const { parentIdTag, ...given } = values;
  const set = {
    ...given,
    idTag: idTagKey(values.idTag),
    displayIdTag: values.idTag,
    ...(parentIdTag !== undefined && { parentIdTag: parentIdTag === null ? null : idTagKey(parentIdTag) }),
  };
  await db.insert(idTag).values(set).onConflictDoUpdate({ target: idTag.idTag, set });
}

/** Creates the API key or changes its name and role. Only its digest is kept. */
export async function upsertApiKey(
  db: Db,
  values: { readonly key: string; readonly name: string; readonly role: Role },
): Promise<void> {
  const { key, ...set } = values;
  await db
    .insert(apiKey)
    .values({ digest: digestOf(key), ...set })
    .onConflictDoUpdate({ target: apiKey.digest, set });
}

/** Whose key it is, or null when it is nobody's. */
export async function findApiKey(db: Db, key: string): Promise<{ name: string; role: Role } | null> {
  const [row] = await db
    .select({ name: apiKey.name, role: apiKey.role })
    .from(apiKey)
    .where(eq(apiKey.digest, digestOf(key)));
  return row ? { name: row.name, role: row.role as Role } : null;
}
