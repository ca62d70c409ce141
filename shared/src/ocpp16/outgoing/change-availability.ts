import { Type } from '@sinclair/typebox';
import { outgoing } from '../define.ts';
import { Closed, OneOf } from '../types.ts';

/** [OCPP 1.6, 5.2] Scheduled: after the transaction that runs. */
export const changeAvailability = outgoing({
  action: 'ChangeAvailability',
  request: Closed({ connectorId: Type.Integer(), type: OneOf('Inoperative', 'Operative') }),
  response: Closed({ status: OneOf('Accepted', 'Rejected', 'Scheduled') }),
});
