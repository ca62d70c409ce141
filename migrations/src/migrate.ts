import { fileURLToPath } from 'node:url';
import { openClient } from '@voltgate/shared/store/client.ts';
import { ensureFramePartitions } from '@voltgate/shared/store/frame-partitions.ts';
import { ensurePartitions } from '@voltgate/shared/store/partitions.ts';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';

/** Beside `src` and `dist` alike. */
const MIGRATIONS = fileURLToPath(new URL('../sql', import.meta.url));

/** Longest time one statement of a migration may run, waiting for another `migrate` included. */
const STATEMENT_TIMEOUT_MS = 15 * 60_000;

/**
 * Brings the database to the newest schema and makes the partitions of the days around now. Safe to run again and by
 * several at a time: they take turns.
 */
export async function migrate(url: string): Promise<void> {
  const { sql, db } = openClient({
    url,
    // One: the lock below belongs to a session.
    poolSize: 1,
    applicationName: 'voltgate-migrate',
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
  try {
    await sql`select pg_advisory_lock(3, 2)`;
    await applyMigrations(db, { migrationsFolder: MIGRATIONS });
    await ensurePartitions(sql);
    await ensureFramePartitions(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
