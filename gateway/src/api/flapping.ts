import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import type { Db } from '@voltgate/shared/store/client.ts';
import { type FlappingRow, readFlapping } from '@voltgate/shared/store/read-flapping.ts';
import { PageOf, pagesOf, paging } from './paging.ts';
import { iso, problems, Text, Time } from './schemas.ts';

/** A flapping charge point as the API shows it. */
export const Flapping = Type.Object(
  {
    chargePointId: Type.String(),
    takeovers: Type.Integer({ description: 'Within the window, when it was last reported.' }),
    addresses: Type.Array(Type.String(), { description: 'Where its connections came from.' }),
    firstAt: Time('When it was first seen.'),
    lastAt: Time('When it was last reported.'),
  },
  {
    $id: 'Flapping',
    description: 'A charge point whose connections take over from each other: two devices with one id',
  },
);

const pages = pagesOf('flapping', Text(1_000, 'The last id shown.'));

/** `GET /flapping`. */
export function flappingRoutes(db: Db): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/flapping',
      {
        schema: {
          operationId: 'listFlapping',
          tags: ['charge points'],
          summary: 'Charge points that two devices take from each other, by id',
          querystring: Type.Object(paging, { additionalProperties: false }),
          response: { 200: PageOf(Flapping), ...problems(400, 401) },
        },
      },
      async ({ query }) => {
        const slice = pages.read(query);
        const rows = await readFlapping(db, { after: slice.place, limit: slice.limit });
        return pages.write(slice, rows, flappingOf, (row) => row.chargePointId);
      },
    );
  };
}

function flappingOf(row: FlappingRow): Static<typeof Flapping> {
  return { ...row, firstAt: iso(row.firstAt), lastAt: iso(row.lastAt) };
}
