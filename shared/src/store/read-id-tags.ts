import { asc, eq, gt, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { idTagKey } from './border.ts';
import type { Db } from './client.ts';
import { timeOf } from './read-time.ts';
import { idTag } from './schema.ts';

const parent = alias(idTag, 'parent');

const columns = {
  /** What it is compared by. */
  key: idTag.idTag,
  idTag: idTag.displayIdTag,
  status: idTag.status,
  expiresAt: timeOf(idTag.expiresAt),
  // As it is shown itself, when it is known.
  parentIdTag: sql<string | null>`coalesce(${parent.displayIdTag}, ${idTag.parentIdTag})`,
  maxActiveTransactions: idTag.maxActiveTransactions,
  createdAt: timeOf(idTag.createdAt),
};

/** One idTag as the operator set it up. */
export type IdTagRow = Awaited<ReturnType<typeof readIdTags>>[number];

const select = (db: Db) =>
  db.select(columns).from(idTag).leftJoin(parent, eq(parent.idTag, idTag.parentIdTag)).$dynamic();

/** At most `limit` idTags by what they are compared by, those after `after` (null = from the first). */
export function readIdTags(db: Db, query: { readonly after: string | null; readonly limit: number }) {
  return select(db)
    .where(query.after === null ? undefined : gt(idTag.idTag, query.after))
    .orderBy(asc(idTag.idTag))
    .limit(query.limit);
}

/** The idTag, or null when unknown. */
export async function readIdTag(db: Db, tag: string): Promise<IdTagRow | null> {
  const [row] = await select(db).where(eq(idTag.idTag, idTagKey(tag)));
  return row ?? null;
}
