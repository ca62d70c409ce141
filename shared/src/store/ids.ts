import { sql } from 'drizzle-orm';
import type { Db } from './client.ts';

/** A number nobody was given before, for a reservation or a charging profile: positive, 32 bits. */
export async function allocateId(db: Db): Promise<number> {
  const [row] = await db.execute<{ id: string | number }>(sql`select nextval('reservation_id') as id`);
  if (!row) throw new Error('nextval gave no row');
  return Number(row.id);
}
