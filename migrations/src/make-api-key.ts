import { randomBytes } from 'node:crypto';
import { type Role, upsertApiKey } from '@voltgate/shared/store/administration.ts';
import { openClient } from '@voltgate/shared/store/client.ts';

const ROLES: readonly string[] = ['admin', 'operator', 'viewer'] satisfies Role[];

/** Makes a random API key of that role in a migrated database, which keeps only its digest; or says what is wrong. */
export async function makeApiKey(
  databaseUrl: string,
  name: string,
  role: string,
): Promise<{ readonly key: string } | { readonly fault: string }> {
  if (name === '' || name.startsWith('-')) return { fault: 'a key needs a name' };
  if (!isRole(role)) return { fault: `there is no role '${role}'` };
  const key = randomBytes(24).toString('base64url');
  const { sql, db } = openClient({ url: databaseUrl, poolSize: 1, applicationName: 'voltgate-api-key' });
  try {
    await upsertApiKey(db, { key, name, role });
  } finally {
    await sql.end({ timeout: 5 });
  }
  return { key };
}

function isRole(text: string): text is Role {
  return ROLES.includes(text);
}
