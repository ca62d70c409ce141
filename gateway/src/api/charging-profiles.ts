import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import type { Db } from '@voltgate/shared/store/client.ts';
import { isChargePointKnown } from '@voltgate/shared/store/read-charge-points.ts';
import { type ChargingProfileRow, readChargingProfiles } from '@voltgate/shared/store/read-charging-profiles.ts';
import { Int32, PageOf, pagesOf, paging } from './paging.ts';
import { unknownChargePoint } from './problem.ts';
import { ChargePointPath, iso, problems, Time } from './schemas.ts';

/** A charging profile as the API shows it. */
export const InstalledProfile = Type.Object(
  {
    chargingProfileId: Type.Integer(),
    connectorId: Type.Integer({ description: '0 = the charge point as a whole.' }),
    stackLevel: Type.Integer(),
    purpose: Type.String({ description: 'ChargingProfilePurposeType of OCPP 1.6' }),
    profile: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      additionalProperties: true,
      description: 'csChargingProfiles as it was sent.',
    }),
    setAt: Time('When the charge point accepted it.'),
  },
  { $id: 'InstalledProfile', description: 'A charging profile the charge point accepted and has not lost since' },
);

const pages = pagesOf('charging-profiles', Int32);

/** `GET /charge-points/{id}/charging-profiles`. */
export function chargingProfileRoutes(db: Db): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/charge-points/:id/charging-profiles',
      {
        schema: {
          operationId: 'listChargingProfiles',
          tags: ['charge points'],
          summary: 'Charging profiles the charge point is known to have, by id',
          params: ChargePointPath,
          querystring: Type.Object(paging, { additionalProperties: false }),
          response: { 200: PageOf(InstalledProfile), ...problems(400, 401, 404) },
        },
      },
      async ({ params, query }) => {
        const slice = pages.read(query);
        if (!(await isChargePointKnown(db, params.id))) throw unknownChargePoint(params.id);
        const place = { chargePointId: params.id, after: slice.place, limit: slice.limit };
        const rows = await readChargingProfiles(db, place);
        return pages.write(slice, rows, profileOf, (row) => row.chargingProfileId);
      },
    );
  };
}

function profileOf(row: ChargingProfileRow): Static<typeof InstalledProfile> {
  return { ...row, profile: row.profile as Record<string, unknown>, setAt: iso(row.setAt) };
}
