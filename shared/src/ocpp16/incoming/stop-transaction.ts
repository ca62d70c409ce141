import { Type } from '@sinclair/typebox';
import { incoming } from '../define.ts';
import { normaliseSamples } from '../meter-engine.ts';
import { readTimestamp } from '../timestamp.ts';
import { Closed, DateTime, IdTagInfo, IdToken, Reason, SentTransactionId, TransactionData } from '../types.ts';
import { provenance } from './provenance.ts';

/** [OCPP 1.6, 4.10] No reason means Local; an idTag is given only when somebody presented one. */
export const stopTransaction = incoming({
  action: 'StopTransaction',
  request: Closed({
    idTag: Type.Optional(IdToken),
    meterStop: Type.Integer(),
    timestamp: DateTime,
    transactionId: SentTransactionId,
    reason: Type.Optional(Reason),
    transactionData: Type.Optional(Type.Array(TransactionData)),
  }),
  response: Closed({ idTagInfo: Type.Optional(IdTagInfo) }),
  way: 'ask',
  async handle(store, call) {
    const { payload } = call;
    const { idTagInfo } = await store.stopTransaction({
      ...provenance(call),
      transactionId: payload.transactionId,
      idTag: payload.idTag ?? null,
      meterStopWh: payload.meterStop,
      stoppedAt: readTimestamp(payload.timestamp),
      reason: payload.reason ?? 'Local',
      samples: normaliseSamples(payload.transactionData ?? []),
      text: call.text,
    });
    return idTagInfo === undefined ? {} : { idTagInfo };
  },
});
