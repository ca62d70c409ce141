import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import type { Db } from '@voltgate/shared/store/client.ts';
import { isChargePointKnown } from '@voltgate/shared/store/read-charge-points.ts';
import { type ConfigurationRow, readConfiguration } from '@voltgate/shared/store/read-configuration.ts';
import { PageOf, pagesOf, paging } from './paging.ts';
import { unknownChargePoint } from './problem.ts';
import { ChargePointPath, iso, Nullable, problems, Time } from './schemas.ts';

/** A configuration key as the API shows it. */
export const ConfigurationKey = Type.Object(
  {
    key: Type.String(),
    value: Nullable(Type.String({ description: 'null when it has none, or is a secret.' })),
    readonly: Type.Boolean({ description: 'The charge point does not let it be changed.' }),
    rebootRequired: Type.Boolean({ description: 'Set, and takes effect after a reboot.' }),
    unknown: Type.Boolean({ description: 'The charge point says it does not know this key.' }),
    knownAt: Time('When the charge point answered so.'),
  },
  { $id: 'ConfigurationKey', description: 'A configuration key, as last heard from the charge point' },
);

const pages = pagesOf('configuration', Type.String({ maxLength: 500 }));

/** `GET /charge-points/{id}/configuration`. */
export function configurationRoutes(db: Db): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/charge-points/:id/configuration',
      {
        schema: {
          operationId: 'listConfiguration',
          tags: ['charge points'],
          summary: 'What the charge point last said of its configuration, by key',
          params: ChargePointPath,
          querystring: Type.Object(paging, { additionalProperties: false }),
          response: { 200: PageOf(ConfigurationKey), ...problems(400, 401, 404) },
        },
      },
      async ({ params, query }) => {
        const slice = pages.read(query);
        if (!(await isChargePointKnown(db, params.id))) throw unknownChargePoint(params.id);
        const rows = await readConfiguration(db, { chargePointId: params.id, after: slice.place, limit: slice.limit });
        return pages.write(slice, rows, keyOf, (row) => row.key);
      },
    );
  };
}

function keyOf(row: ConfigurationRow): Static<typeof ConfigurationKey> {
  return { ...row, knownAt: iso(row.knownAt) };
}
