import { Type } from '@sinclair/typebox';
import { incoming } from '../define.ts';
import { readTimestamp } from '../timestamp.ts';
import { Closed, DateTime, IdTagInfo, IdToken } from '../types.ts';
import { provenance } from './provenance.ts';

/** [OCPP 1.6, 4.8] Always answered with a transactionId, even when the idTag is refused: energy may already flow. */
export const startTransaction = incoming({
  action: 'StartTransaction',
  request: Closed({
    connectorId: Type.Integer(),
    idTag: IdToken,
    meterStart: Type.Integer(),
    reservationId: Type.Optional(Type.Integer()),
    timestamp: DateTime,
  }),
  response: Closed({ idTagInfo: IdTagInfo, transactionId: Type.Integer() }),
  way: 'ask',
  async handle(store, call) {
    const { payload } = call;
    const { transactionId, idTagInfo } = await store.startTransaction({
      ...provenance(call),
      connectorId: payload.connectorId,
      idTag: payload.idTag,
      meterStartWh: payload.meterStart,
      startedAt: readTimestamp(payload.timestamp),
      reservationId: payload.reservationId ?? null,
    });
    return { idTagInfo, transactionId };
  },
});
