import { Type } from '@sinclair/typebox';
import { outgoing } from '../define.ts';
import { CiString, Closed, OneOf } from '../types.ts';

/** [OCPP 1.6, 5.6] A message only its vendor understands. */
export const dataTransfer = outgoing({
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
});
