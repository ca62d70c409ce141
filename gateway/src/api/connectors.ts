import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import type { Db } from '@voltgate/shared/store/client.ts';
import { isChargePointKnown } from '@voltgate/shared/store/read-charge-points.ts';
import { type ConnectorRow, readConnectors } from '@voltgate/shared/store/read-connectors.ts';
import { Int32, PageOf, pagesOf, paging } from './paging.ts';
import { unknownChargePoint } from './problem.ts';
import { ChargePointPath, iso, Nullable, problems, Time, TraceId, traceIdOf } from './schemas.ts';

/** A connector as the API shows it. */
export const Connector = Type.Object(
  {
    connectorId: Type.Integer({ description: '0 is the charge point as a whole.' }),
    status: Type.String({ description: 'ChargePointStatus of OCPP 1.6' }),
    errorCode: Type.String({ description: 'ChargePointErrorCode of OCPP 1.6' }),
    info: Nullable(Type.String()),
    vendorId: Nullable(Type.String()),
    vendorErrorCode: Nullable(Type.String()),
    availability: Nullable(
      Type.String({ description: 'Operative or Inoperative: what it last accepted to be; null when never told.' }),
    ),
    statusAt: Time('By the clock of the charge point; when received, if it sent none.'),
    receivedAt: Time('When it came in.'),
    flags: Type.Array(Type.String(), { description: 'What is odd: implausible-clock, connector-0-status' }),
    traceId: TraceId,
  },
  { $id: 'Connector', description: 'The newest status of one connector' },
);

const pages = pagesOf('connectors', Int32);

/** `GET /charge-points/{id}/connectors`. */
export function connectorRoutes(db: Db): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/charge-points/:id/connectors',
      {
        schema: {
          operationId: 'listConnectors',
          tags: ['charge points'],
          summary: 'The connectors of a charge point, by number',
          params: ChargePointPath,
          querystring: Type.Object(paging, { additionalProperties: false }),
          response: { 200: PageOf(Connector), ...problems(400, 401, 404) },
        },
      },
      async ({ params, query }) => {
        const slice = pages.read(query);
        if (!(await isChargePointKnown(db, params.id))) throw unknownChargePoint(params.id);
        const rows = await readConnectors(db, { chargePointId: params.id, after: slice.place, limit: slice.limit });
        return pages.write(slice, rows, connectorOf, (row) => row.connectorId);
      },
    );
  };
}

function connectorOf(row: ConnectorRow): Static<typeof Connector> {
  return {
    ...row,
    statusAt: iso(row.statusAt),
    receivedAt: iso(row.receivedAt),
    traceId: traceIdOf(row.traceId),
  };
}
