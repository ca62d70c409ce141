import { Type } from '@sinclair/typebox';
import { outgoing } from '../define.ts';
import { Closed, OneOf } from '../types.ts';

/** [OCPP 1.6, 5.18] Frees a cable that is stuck. */
export const unlockConnector = outgoing({
  action: 'UnlockConnector',
  request: Closed({ connectorId: Type.Integer() }),
  response: Closed({ status: OneOf('Unlocked', 'UnlockFailed', 'NotSupported') }),
});
