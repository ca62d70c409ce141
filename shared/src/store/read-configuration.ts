import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { Db } from './client.ts';
import { timeOf } from './read-time.ts';
import { chargePoint, configurationKey } from './schema.ts';

/** One configuration key of a charge point, as last heard. */
export type ConfigurationRow = Awaited<ReturnType<typeof readConfiguration>>[number];

/** Which keys: those of one charge point after `after` (null = from the first), at most `limit`. */
export type ConfigurationQuery = {
  readonly chargePointId: string;
  readonly after: string | null;
  readonly limit: number;
};

/** What is known of the configuration of a charge point, by key. A boot since then has ended `rebootRequired`. */
export function readConfiguration(db: Db, query: ConfigurationQuery) {
  return db
    .select({
      key: configurationKey.key,
      value: configurationKey.value,
      readonly: configurationKey.readonly,
      rebootRequired: sql<boolean>`${configurationKey.rebootRequired}
        and coalesce(${chargePoint.bootAt} <= ${configurationKey.knownAt}, true)`,
      unknown: configurationKey.unknown,
      knownAt: timeOf(configurationKey.knownAt),
    })
    .from(configurationKey)
    .leftJoin(chargePoint, eq(chargePoint.chargePointId, configurationKey.chargePointId))
    .where(
      and(
        eq(configurationKey.chargePointId, query.chargePointId),
        query.after === null ? undefined : gt(configurationKey.key, query.after),
      ),
    )
    .orderBy(asc(configurationKey.key))
    .limit(query.limit);
}
