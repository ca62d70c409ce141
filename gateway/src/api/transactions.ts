import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { Db } from '@voltgate/shared/store/client.ts';
import { isChargePointKnown } from '@voltgate/shared/store/read-charge-points.ts';
import {
  readTransaction,
  readTransactions,
  type TransactionPlace,
  type TransactionRow,
} from '@voltgate/shared/store/read-transactions.ts';
import { Int32, Moment, PageOf, pagesOf, paging, period } from './paging.ts';
import { unknownChargePoint, unknownTransaction } from './problem.ts';
import { ChargePointId, ChargePointPath, problems, Reference, Text, Word } from './schemas.ts';
import { Transaction, transactionOf } from './transaction.ts';

/** The path of one transaction. */
export const TransactionPath = Type.Object({
  id: Type.Integer({ minimum: Int32.minimum, maximum: Int32.maximum, description: 'The transactionId of OCPP.' }),
});

const filters = {
  ...period,
  status: Type.Optional(Word(['active', 'suspect', 'stopped'], 'suspect: open across a boot of the charge point.')),
  idTag: Type.Optional(Text(20, 'Who started it, compared case-insensitively.')),
  ...paging,
};

const pages = pagesOf('transactions', Type.Tuple([Moment, Int32]));
const cursorOf = (row: TransactionRow): [number, number] => [row.startedAt.getTime(), row.id];
const placeOf = (cursor: [number, number] | null): TransactionPlace | null =>
  cursor && { startedAt: new Date(cursor[0]), id: cursor[1] };

/** `GET /transactions`, `GET /charge-points/{id}/transactions` and `GET /transactions/{id}`. */
export function transactionRoutes(db: Db): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/transactions',
      {
        schema: {
          operationId: 'listTransactions',
          tags: ['transactions'],
          summary: 'Transactions, newest start first; from and to are about the start',
          querystring: Type.Object(
            { ...filters, chargePointId: Type.Optional(ChargePointId) },
            { additionalProperties: false },
          ),
          response: { 200: PageOf(Transaction), ...problems(400, 401) },
        },
      },
      async ({ query }) => {
        const slice = pages.read(query);
        const rows = await readTransactions(db, { ...query, ...slice, after: placeOf(slice.place) });
        return pages.write(slice, rows, transactionOf, cursorOf);
      },
    );

    app.get(
      '/charge-points/:id/transactions',
      {
        schema: {
          operationId: 'listTransactionsOfChargePoint',
          tags: ['charge points', 'transactions'],
          summary: 'Transactions of a charge point, newest start first; from and to are about the start',
          params: ChargePointPath,
          querystring: Type.Object(filters, { additionalProperties: false }),
          response: { 200: PageOf(Transaction), ...problems(400, 401, 404) },
        },
      },
      async ({ params, query }) => {
        const slice = pages.read(query);
        if (!(await isChargePointKnown(db, params.id))) throw unknownChargePoint(params.id);
        const after = placeOf(slice.place);
        const rows = await readTransactions(db, { ...query, ...slice, chargePointId: params.id, after });
        return pages.write(slice, rows, transactionOf, cursorOf);
      },
    );

    app.get(
      '/transactions/:id',
      {
        schema: {
          operationId: 'getTransaction',
          tags: ['transactions'],
          summary: 'One transaction',
          params: TransactionPath,
          querystring: Type.Object({}, { additionalProperties: false }),
          response: { 200: Reference(Transaction), ...problems(400, 401, 404) },
        },
      },
      async ({ params }) => {
        const row = await readTransaction(db, params.id);
        if (!row) throw unknownTransaction(params.id);
        return transactionOf(row);
      },
    );
  };
}
