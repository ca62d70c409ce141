import { Type } from '@sinclair/typebox';
import { outgoing } from '../define.ts';
import { Closed, OneOf } from '../types.ts';

/** [OCPP 1.6, 5.1] Frees what ReserveNow held. */
export const cancelReservation = outgoing({
  action: 'CancelReservation',
  request: Closed({ reservationId: Type.Integer() }),
  response: Closed({ status: OneOf('Accepted', 'Rejected') }),
});
