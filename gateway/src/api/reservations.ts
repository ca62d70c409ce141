import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import type { Db } from '@voltgate/shared/store/client.ts';
import { isChargePointKnown } from '@voltgate/shared/store/read-charge-points.ts';
import { type ReservationRow, readReservations } from '@voltgate/shared/store/read-reservations.ts';
import { Int32, PageOf, pagesOf, paging } from './paging.ts';
import { unknownChargePoint } from './problem.ts';
import { ChargePointPath, iso, Nullable, problems, Time } from './schemas.ts';

/** A reservation as the API shows it. */
export const Reservation = Type.Object(
  {
    reservationId: Type.Integer(),
    connectorId: Type.Integer({ description: '0 = any of the charge point.' }),
    idTag: Type.String(),
    parentIdTag: Nullable(Type.String()),
    expiresAt: Time('When it ends by itself.'),
    status: Type.String({ description: 'active, used, cancelled or expired' }),
    reservedAt: Time('When the charge point accepted it.'),
  },
  { $id: 'Reservation', description: 'A reservation the charge point accepted' },
);

const pages = pagesOf('reservations', Int32);

/** `GET /charge-points/{id}/reservations`. */
export function reservationRoutes(db: Db): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/charge-points/:id/reservations',
      {
        schema: {
          operationId: 'listReservations',
          tags: ['charge points'],
          summary: 'Reservations of a charge point, the greatest id first',
          params: ChargePointPath,
          querystring: Type.Object(paging, { additionalProperties: false }),
          response: { 200: PageOf(Reservation), ...problems(400, 401, 404) },
        },
      },
      async ({ params, query }) => {
        const slice = pages.read(query);
        if (!(await isChargePointKnown(db, params.id))) throw unknownChargePoint(params.id);
        const rows = await readReservations(db, { chargePointId: params.id, before: slice.place, limit: slice.limit });
        return pages.write(slice, rows, reservationOf, (row) => row.reservationId);
      },
    );
  };
}

function reservationOf(row: ReservationRow): Static<typeof Reservation> {
  return { ...row, expiresAt: iso(row.expiresAt), reservedAt: iso(row.reservedAt) };
}
