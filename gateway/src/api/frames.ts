import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import type { Db } from '@voltgate/shared/store/client.ts';
import { type FramePlace, type FrameQuery, type FrameRow, readFrames } from '@voltgate/shared/store/read-frames.ts';
import { csvLine } from './csv.ts';
import { Moment, PageOf, pagesOf, paging, period } from './paging.ts';
import { ChargePointId, iso, Nullable, problems, Text, Time, TraceId, traceIdOf, Word } from './schemas.ts';

/** A frame as the API shows it. */
export const Frame = Type.Object(
  {
    id: Type.Integer(),
    at: Time('When the gateway read or wrote it.'),
    chargePointId: Type.String(),
    connectionId: Type.String({ description: 'The socket.' }),
    gatewayId: Type.String(),
    direction: Type.String({ description: 'in (from the charge point) or out' }),
    kind: Type.String({ description: 'call, result, error, close or unreadable' }),
    messageId: Type.String({ description: 'An answer carries that of its Call.' }),
    action: Type.String({ description: 'Of the Call, also on its answer; empty when it is not known.' }),
    text: Type.String({ description: 'The frame as text, without secrets, cut when it is long; of a close its code.' }),
    latencyMs: Nullable(Type.Number({ description: 'Of an answer: ms since its Call.' })),
    errorCode: Nullable(Type.String({ description: 'Of a CALLERROR, or why the frame could not be read.' })),
    traceId: TraceId,
  },
  { $id: 'Frame', description: 'One frame of the message log' },
);

const CSV = 'text/csv';
const CSV_ROWS = 500;
const columns = Object.keys(Frame.properties) as readonly (keyof Static<typeof Frame>)[];

const Id = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const pages = pagesOf('frames', Type.Tuple([Moment, Id]));
const cursorOf = (row: FrameRow): [number, number] => [row.at.getTime(), row.id];
const placeOf = (cursor: [number, number] | null): FramePlace | null =>
  cursor && { at: new Date(cursor[0]), id: cursor[1] };

/** `GET /frames`, as a page or as CSV. */
export function frameRoutes(db: Db): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/frames',
      {
        schema: {
          operationId: 'listFrames',
          tags: ['message log'],
          summary: 'Frames between charge points and gateways, newest first',
          description:
            'The log is best effort: under great load frames are left out and counted. As CSV all frames are sent that fit, unless `limit` is given.',
          querystring: Type.Object(
            {
              chargePointId: Type.Optional(ChargePointId),
              action: Type.Optional(Text(50, 'Of the Call; its answer belongs to it.')),
              direction: Type.Optional(Word(['in', 'out'], 'in = from the charge point.')),
              errors: Type.Optional(Type.Boolean({ description: 'Only CALLERRORs and frames nobody could read.' })),
              format: Type.Optional(Word(['json', 'csv'], 'The same as the Accept header.')),
              ...period,
              ...paging,
              // Without the default of other lists: a CSV is whole unless a limit is asked for.
              limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: 'Most items of the page.' })),
            },
            { additionalProperties: false },
          ),
          response: {
            200: {
              description: 'A page, or all of it as CSV',
              content: { 'application/json': { schema: PageOf(Frame) }, [CSV]: { schema: Type.String() } },
            },
            ...problems(400, 401),
          },
        },
      },
      async ({ query, headers }, reply) => {
        const { format = headers.accept?.includes(CSV) ? 'csv' : 'json', limit, cursor: _, ...filter } = query;
        const slice = pages.read(query);
        const after = placeOf(slice.place);
        if (format === 'csv') {
          const all: FrameQuery = { ...filter, from: slice.from, to: slice.to, after, limit: limit ?? Infinity };
          reply.header('content-disposition', 'attachment; filename="frames.csv"');
          // The schema is of the page; a stream goes out as it is.
          return reply.type(`${CSV}; charset=utf-8`).send(Readable.from(csvOf(db, all)) as never);
        }
        const rows = await readFrames(db, { ...filter, ...slice, after });
        return pages.write(slice, rows, frameOf, cursorOf);
      },
    );
  };
}

/** One short statement after the other: a slow reader holds neither rows in memory nor a connection. */
async function* csvOf(db: Db, query: FrameQuery): AsyncGenerator<string> {
  yield csvLine(columns);
  let { after, limit } = query;
  while (limit > 0) {
    const rows = await readFrames(db, { ...query, after, limit: Math.min(limit, CSV_ROWS) });
    yield rows.map((row) => csvLine(columns.map((column) => frameOf(row)[column]))).join('');
    after = rows.at(-1) ?? null;
    limit = rows.length < CSV_ROWS ? 0 : limit - rows.length;
  }
}

function frameOf(row: FrameRow): Static<typeof Frame> {
  return { ...row, at: iso(row.at), traceId: traceIdOf(row.traceId) };
}
