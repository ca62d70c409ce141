import { and, asc, eq, gt } from 'drizzle-orm';
import type { Db } from './client.ts';
import { timeOf } from './read-time.ts';
import { availabilityIntent, connector } from './schema.ts';

/** The newest status of one connector. */
export type ConnectorRow = Awaited<ReturnType<typeof readConnectors>>[number];

/** Which connectors: those of one charge point after `after` (null = from the first), at most `limit`. */
export type ConnectorQuery = { readonly chargePointId: string; readonly after: number | null; readonly limit: number };

/** The connectors of a charge point by number, with the availability last commanded; connector 0 is the charge point itself. */
export function readConnectors(db: Db, query: ConnectorQuery) {
  return db
    .select({
      connectorId: connector.connectorId,
      status: connector.status,
      errorCode: connector.errorCode,
      info: connector.info,
      vendorId: connector.vendorId,
      vendorErrorCode: connector.vendorErrorCode,
      availability: availabilityIntent.type,
      statusAt: timeOf(connector.statusAt),
      receivedAt: timeOf(connector.receivedAt),
      flags: connector.flags,
      traceId: connector.traceId,
    })
    .from(connector)
    .leftJoin(
      availabilityIntent,
      and(
        eq(availabilityIntent.chargePointId, connector.chargePointId),
        eq(availabilityIntent.connectorId, connector.connectorId),
      ),
    )
    .where(
      and(
        eq(connector.chargePointId, query.chargePointId),
        query.after === null ? undefined : gt(connector.connectorId, query.after),
      ),
    )
    .orderBy(asc(connector.connectorId))
    .limit(query.limit);
}
