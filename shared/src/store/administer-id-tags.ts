/** What the API sets up, changes and removes of idTags. They are compared case-insensitively. [OCPP 1.6, 7.28] */
import { eq } from 'drizzle-orm';
import { idTagKey } from './border.ts';
import type { Db } from './client.ts';
import { idTag } from './schema.ts';

/** What an operator decides about an idTag; undefined = as it is. */
export type IdTagSettings = {
  readonly status?: 'Accepted' | 'Blocked' | 'Expired' | 'Invalid' | undefined;
  readonly expiresAt?: Date | null | undefined;
  readonly parentIdTag?: string | null | undefined;
  /** null = any number. */
  readonly maxActiveTransactions?: number | null | undefined;
};

/** Creates an idTag; false when it exists. */
export async function createIdTag(
  db: Db,
  { idTag: displayIdTag, ...settings }: IdTagSettings & { readonly idTag: string },
): Promise<boolean> {
  const rows = await db
    .insert(idTag)
    .values({ idTag: idTagKey(displayIdTag), displayIdTag, ...given(settings) })
    .onConflictDoNothing()
    .returning({ idTag: idTag.idTag });
  return rows.length > 0;
}

/** Changes what is given; false when there is no such idTag. */
export async function changeIdTag(db: Db, tag: string, settings: IdTagSettings): Promise<boolean> {
  const rows = await db
    .update(idTag)
    // The key itself is set too: a change of nothing is still a statement.
    .set({ idTag: idTagKey(tag), ...given(settings) })
    .where(eq(idTag.idTag, idTagKey(tag)))
    .returning({ idTag: idTag.idTag });
  return rows.length > 0;
}

/** Removes an idTag; false when there is none. Transactions started with it stay. */
export async function removeIdTag(db: Db, tag: string): Promise<boolean> {
  const rows = await db
    .delete(idTag)
    .where(eq(idTag.idTag, idTagKey(tag)))
    .returning({ idTag: idTag.idTag });
  return rows.length > 0;
}

function given({ status, expiresAt, parentIdTag, maxActiveTransactions }: IdTagSettings) {
  return {
    ...(status !== undefined && { status }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(parentIdTag !== undefined && { parentIdTag: parentIdTag === null ? null : idTagKey(parentIdTag) }),
    ...(maxActiveTransactions !== undefined && { maxActiveTransactions }),
  };
}
