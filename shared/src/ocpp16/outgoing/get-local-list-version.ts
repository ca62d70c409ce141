import { Type } from '@sinclair/typebox';
import { outgoing } from '../define.ts';
import { Closed } from '../types.ts';

/** [OCPP 1.6, 5.10] 0 is an empty list, -1 no support for lists. */
export const getLocalListVersion = outgoing({
  action: 'GetLocalListVersion',
  request: Closed({}),
  response: Closed({ listVersion: Type.Integer() }),
});
