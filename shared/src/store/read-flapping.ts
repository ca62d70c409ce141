import { asc, gt } from 'drizzle-orm';
import type { Db } from './client.ts';
import { timeOf } from './read-time.ts';
import { flapping } from './schema.ts';

/** One charge point that two devices took from each other. */
export type FlappingRow = Awaited<ReturnType<typeof readFlapping>>[number];

/** At most `limit` of them by id, those after `after` (null = from the first). */
export function readFlapping(db: Db, query: { readonly after: string | null; readonly limit: number }) {
  return db
    .select({
      chargePointId: flapping.chargePointId,
      takeovers: flapping.takeovers,
      addresses: flapping.addresses,
      firstAt: timeOf(flapping.firstAt),
      lastAt: timeOf(flapping.lastAt),
    })
    .from(flapping)
    .where(query.after === null ? undefined : gt(flapping.chargePointId, query.after))
    .orderBy(asc(flapping.chargePointId))
    .limit(query.limit);
}
