import { Type } from '@sinclair/typebox';
import { incoming } from '../define.ts';
import { readMessage } from '../message.ts';
import { CiString, Closed, OneOf } from '../types.ts';
import { provenance } from './provenance.ts';

/** [OCPP 1.6, 4.3] No vendor's messages are known: they are kept, and said to be unknown. */
export const dataTransfer = incoming({
  action: 'DataTransfer',
  request: Closed({
    vendorId: CiString(255),
    messageId: Type.Optional(CiString(50)),
    data: Type.Optional(Type.String()),
  }),
  response: Closed({
    status: OneOf('Accepted', 'Rejected', 'UnknownMessageId', 'UnknownVendorId'),
    data: Type.Optional(Type.String()),
  }),
  way: 'ask',
  async handle(store, call) {
    // The id of the Call keeps two transfers of one millisecond apart.
    const requestId = readMessage(call.text).messageId ?? '';
    await store.events([
      { ...provenance(call), kind: 'DataTransfer', requestId, at: call.receivedAt, payload: call.payload },
    ]);
    return { status: 'UnknownVendorId' as const };
  },
  whenAway: () => ({ status: 'Rejected' as const }),
});
