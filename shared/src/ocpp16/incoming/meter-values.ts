import { Type } from '@sinclair/typebox';
import { incoming } from '../define.ts';
import { normaliseSamples } from '../meter-engine.ts';
import { Closed, MeterValue, SentTransactionId } from '../types.ts';
import { provenance } from './provenance.ts';

/** [OCPP 1.6, 4.7] Readings of a meter, of a transaction or not; connector 0 is the main meter. */
export const meterValues = incoming({
  action: 'MeterValues',
  request: Closed({
    connectorId: Type.Integer(),
    transactionId: Type.Optional(SentTransactionId),
    meterValue: Type.Array(MeterValue, { minItems: 1 }),
  }),
  response: Closed({}),
  way: 'tell',
  handle: (store, calls) =>
    store.meterReadings(
      calls.map((call) => ({
        ...provenance(call),
        connectorId: call.payload.connectorId,
        transactionId: call.payload.transactionId,
        samples: normaliseSamples(call.payload.meterValue),
        text: call.text,
      })),
    ),
});
