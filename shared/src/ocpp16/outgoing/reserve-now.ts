import { Type } from '@sinclair/typebox';
import { outgoing } from '../define.ts';
import { Closed, DateTime, IdToken, OneOf } from '../types.ts';

/** [OCPP 1.6, 5.13] Holds a connector, or with connector 0 any, for an idTag. */
export const reserveNow = outgoing({
  action: 'ReserveNow',
  request: Closed({
    connectorId: Type.Integer(),
    expiryDate: DateTime,
    idTag: IdToken,
    parentIdTag: Type.Optional(IdToken),
    reservationId: Type.Integer(),
  }),
  response: Closed({ status: OneOf('Accepted', 'Faulted', 'Occupied', 'Rejected', 'Unavailable') }),
});
