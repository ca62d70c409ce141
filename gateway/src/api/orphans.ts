import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import type { Db } from '@voltgate/shared/store/client.ts';
import { type OrphanRow, readOrphans } from '@voltgate/shared/store/read-orphans.ts';
import { PageOf, pagesOf, paging } from './paging.ts';
import { ChargePointId, iso, Nullable, problems, Time, TraceId, traceIdOf, Word } from './schemas.ts';

/** An orphan as the API shows it. */
export const Orphan = Type.Object(
  {
    id: Type.Integer(),
    chargePointId: Type.String(),
    action: Type.String({ description: 'StopTransaction or MeterValues' }),
    sentTransactionId: Type.String({ description: 'The digits as sent: some do not fit a number.' }),
    connectorId: Nullable(Type.Integer()),
    at: Time('By the clock of the charge point.'),
    receivedAt: Time('When it came in.'),
    payload: Type.String({
      description:
        'The payload as JSON text, exactly as sent. Text, because parsing could round a large transactionId.',
    }),
    status: Type.String({ description: 'waiting, or matched to a transaction' }),
    matchedTransactionId: Nullable(Type.Integer()),
    matchedAt: Nullable(Time('When it was matched.')),
    traceId: TraceId,
  },
  { $id: 'Orphan', description: 'A message that named a transaction nobody knew' },
);

const pages = pagesOf('orphans', Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }));

/** `GET /orphans`. */
export function orphanRoutes(db: Db): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/orphans',
      {
        schema: {
          operationId: 'listOrphans',
          tags: ['orphans'],
          summary: 'Messages that named a transaction nobody knew, newest first',
          querystring: Type.Object(
            {
              status: Type.Optional(Word(['waiting', 'matched', 'all'], 'Which of them; all by default.')),
              chargePointId: Type.Optional(ChargePointId),
              ...paging,
            },
            { additionalProperties: false },
          ),
          response: { 200: PageOf(Orphan), ...problems(400, 401) },
        },
      },
      async ({ query }) => {
        const slice = pages.read(query);
        const { chargePointId, status = 'all' } = query;
        const rows = await readOrphans(db, { chargePointId, status, before: slice.place, limit: slice.limit });
        return pages.write(slice, rows, orphanOf, (row) => row.id);
      },
    );
  };
}

function orphanOf(row: OrphanRow): Static<typeof Orphan> {
  return {
    ...row,
    at: iso(row.at),
    receivedAt: iso(row.receivedAt),
    status: row.matchedTransactionId === null ? 'waiting' : 'matched',
    matchedAt: iso(row.matchedAt),
    traceId: traceIdOf(row.traceId),
  };
}
