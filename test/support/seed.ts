import { upsertApiKey, upsertIdTag } from '@voltgate/shared/store/administration.ts';
import { openClient } from '@voltgate/shared/store/client.ts';

/** Makes the API key (role admin) and the idTags valid in a migrated database. Idempotent. */
export async function seed(
  databaseUrl: string,
  { apiKey, idTags = [] }: { readonly apiKey: string; readonly idTags?: readonly string[] },
): Promise<void> {
  const { sql, db } = openClient({ url: databaseUrl, poolSize: 1, applicationName: 'seed' });
  try {
    await upsertApiKey(db, { key: apiKey, name: 'local', role: 'admin' });
    // Any number of transactions: a run that was cut off leaves some open.
    for (const idTag of idTags) await upsertIdTag(db, { idTag, maxActiveTransactions: null });
  } finally {
    await sql.end();
  }
}
