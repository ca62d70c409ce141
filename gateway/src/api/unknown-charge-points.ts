import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import type { Db } from '@voltgate/shared/store/client.ts';
import {
  readUnknownChargePoints,
  removeUnknownChargePoint,
  type UnknownChargePointRow,
} from '@voltgate/shared/store/read-unknown-charge-points.ts';
import { Moment, PageOf, pagesOf, paging } from './paging.ts';
import { unknownChargePoint } from './problem.ts';
import { requireRole } from './roles.ts';
import { ChargePointId, ChargePointPath, iso, problems, Time } from './schemas.ts';

/** A refused identity as the API shows it. */
export const UnknownChargePoint = Type.Object(
  {
    chargePointId: Type.String(),
    attempts: Type.Integer({ description: 'Refused attempts, at least; told once a minute by each gateway.' }),
    firstAt: Time('When it was first refused.'),
    lastAt: Time('When it was last refused.'),
    address: Type.String({ description: 'Where the last attempt came from.' }),
    subprotocols: Type.Array(Type.String(), { description: 'Offered in the last attempt.' }),
  },
  { $id: 'UnknownChargePoint', description: 'An identity nobody registered that asked to be let in' },
);

const pages = pagesOf('unknown-charge-points', Type.Tuple([Moment, ChargePointId]));

/** `GET /unknown-charge-points` and `DELETE /unknown-charge-points/{id}`. */
export function unknownChargePointRoutes(db: Db): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/unknown-charge-points',
      {
        schema: {
          operationId: 'listUnknownChargePoints',
          tags: ['charge points'],
          summary: 'Identities nobody registered that were refused, newest first; the newest 1,000 are kept',
          querystring: Type.Object(paging, { additionalProperties: false }),
          response: { 200: PageOf(UnknownChargePoint), ...problems(400, 401) },
        },
      },
      async ({ query }) => {
        const { place, limit } = pages.read(query);
        const after = place && { at: new Date(place[0]), id: place[1] };
        const rows = await readUnknownChargePoints(db, { after, limit });
        return pages.write({ place, limit, from: undefined, to: undefined }, rows, shownOf, (row) => [
          row.lastAt.getTime(),
          row.chargePointId,
        ]);
      },
    );

    app.delete(
      '/unknown-charge-points/:id',
      {
        onRequest: async (request) => requireRole(request, 'admin', 'operator'),
        schema: {
          operationId: 'removeUnknownChargePoint',
          tags: ['charge points'],
          summary: 'Takes an identity off the list; its next attempt puts it there again',
          params: ChargePointPath,
          response: { 204: Type.Null({ description: 'It is gone.' }), ...problems(400, 401, 403, 404) },
        },
      },
      async ({ params }, reply) => {
        if (!(await removeUnknownChargePoint(db, params.id))) throw unknownChargePoint(params.id);
        return reply.code(204).send(null);
      },
    );
  };
}

function shownOf(row: UnknownChargePointRow): Static<typeof UnknownChargePoint> {
  return { ...row, firstAt: iso(row.firstAt), lastAt: iso(row.lastAt) };
}
