import { Type } from '@sinclair/typebox';
import { outgoing } from '../define.ts';
import { Closed, OneOf } from '../types.ts';

/** [OCPP 1.6, 5.12] Ends a transaction from afar. */
export const remoteStopTransaction = outgoing({
  action: 'RemoteStopTransaction',
  request: Closed({ transactionId: Type.Integer() }),
  response: Closed({ status: OneOf('Accepted', 'Rejected') }),
});
