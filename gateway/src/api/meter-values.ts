import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { Db } from '@voltgate/shared/store/client.ts';
import { isChargePointKnown } from '@voltgate/shared/store/read-charge-points.ts';
import {
  type MeterValuePlace,
  type MeterValueQuery,
  type MeterValueRow,
  readChargePointMeterValues,
  readTransactionMeterValues,
} from '@voltgate/shared/store/read-meter-values.ts';
import { isTransactionKnown } from '@voltgate/shared/store/read-transactions.ts';
import type { Words } from '@voltgate/shared/store/read-vocabulary.ts';
import { MeterValue, meterValueOf } from './meter-value.ts';
import { Int32, Moment, PageOf, pagesOf, paging, period, type Slice } from './paging.ts';
import { unknownChargePoint, unknownTransaction } from './problem.ts';
import { ChargePointPath, problems, Text } from './schemas.ts';
import { TransactionPath } from './transactions.ts';

const Code = Type.Integer({ minimum: 0, maximum: 32_767 });
const pages = pagesOf('meter-values', Type.Tuple([Moment, Int32, Int32, Code, Code, Code, Code]));
type Cursor = [number, ...MeterValuePlace['codes']];

const filters = Type.Object(
  {
    ...period,
    measurand: Type.Optional(Text(100, 'A measurand of OCPP 1.6, spelled as there.')),
    ...paging,
  },
  { additionalProperties: false },
);

/** `GET /charge-points/{id}/meter-values` and `GET /transactions/{id}/meter-values`. */
export function meterValueRoutes(db: Db, words: Words): FastifyPluginAsyncTypebox {
  async function pageOf(
    slice: Slice<Cursor>,
    measurand: string | undefined,
    read: (query: MeterValueQuery) => Promise<MeterValueRow[]>,
  ) {
    const code = measurand === undefined ? undefined : await words.codeOf('measurand', measurand);
    // A word without a code is one that no sample has.
    const none = measurand !== undefined && code === undefined;
    const rows = none ? [] : await read({ ...slice, measurand: code, after: placeOf(slice.place) });
    const { items, nextCursor } = pages.write(slice, rows, (row) => meterValueOf(row, words), cursorOf);
    return { items: await Promise.all(items), nextCursor };
  }

  return async (app) => {
    app.get(
      '/charge-points/:id/meter-values',
      {
        schema: {
          operationId: 'listMeterValuesOfChargePoint',
          tags: ['charge points', 'meter values'],
          summary: 'Samples of a charge point, newest first, those of no transaction included',
          params: ChargePointPath,
          querystring: filters,
          response: { 200: PageOf(MeterValue), ...problems(400, 401, 404) },
        },
      },
      async ({ params, query }) => {
        const slice = pages.read(query);
        if (!(await isChargePointKnown(db, params.id))) throw unknownChargePoint(params.id);
        return pageOf(slice, query.measurand, (part) => readChargePointMeterValues(db, params.id, part));
      },
    );

    app.get(
      '/transactions/:id/meter-values',
      {
        schema: {
          operationId: 'listMeterValuesOfTransaction',
          tags: ['transactions', 'meter values'],
          summary: 'Samples of a transaction, oldest first',
          params: TransactionPath,
          querystring: filters,
          response: { 200: PageOf(MeterValue), ...problems(400, 401, 404) },
        },
      },
      async ({ params, query }) => {
        const slice = pages.read(query);
        if (!(await isTransactionKnown(db, params.id))) throw unknownTransaction(params.id);
        return pageOf(slice, query.measurand, (part) => readTransactionMeterValues(db, params.id, part));
      },
    );
  };
}

function cursorOf(row: MeterValueRow): Cursor {
  const { sampledAt, connectorId, transactionId, measurand, phase, location, context } = row;
  return [sampledAt.getTime(), connectorId, transactionId, measurand, phase, location, context];
}

function placeOf(cursor: Cursor | null): MeterValuePlace | null {
  if (cursor === null) return null;
  const [sampledAtMs, ...codes] = cursor;
  return { sampledAt: new Date(sampledAtMs), codes };
}
