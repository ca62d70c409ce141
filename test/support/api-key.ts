import { createHash } from 'node:crypto';
import postgres from 'postgres';

/** Makes the key valid in this database, with the role admin. Idempotent. */
export async function keepApiKey(databaseUrl: string, key: string): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  const digest = createHash('sha256').update(key).digest('hex');
  try {
    await sql`insert into api_key (digest, name, role) values (${digest}, 'local', 'admin') on conflict do nothing`;
  } finally {
    await sql.end();
  }
}
