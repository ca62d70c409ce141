import { upsertApiKey, upsertIdTag } from '@voltgate/shared/store/administration.ts';
import { type Db, openClient } from '@voltgate/shared/store/client.ts';

/** Makes the key valid in this migrated database, with the role admin. Idempotent. */
export async function keepApiKey(databaseUrl: string, key: string): Promise<void> {
  await withDb(databaseUrl, (db) => upsertApiKey(db, { key, name: 'local', role: 'admin' }));
}

/** Makes the idTags known and Accepted, in any number of transactions: a run that was cut off leaves some open. */
export async function keepIdTags(databaseUrl: string, idTags: readonly string[]): Promise<void> {
  await withDb(databaseUrl, async (db) => {
    for (const idTag of idTags) await upsertIdTag(db, { idTag, maxActiveTransactions: null });
  });
}

async function withDb(databaseUrl: string, work: (db: Db) => Promise<void>): Promise<void> {
  const { sql, db } = openClient({ url: databaseUrl, poolSize: 1, applicationName: 'seed' });
  try {
    await work(db);
  } finally {
    await sql.end();
  }
}
