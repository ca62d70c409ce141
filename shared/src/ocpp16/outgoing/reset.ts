import { outgoing } from '../define.ts';
import { Closed, OneOf } from '../types.ts';

/** [OCPP 1.6, 5.14] Soft ends transactions first. */
export const reset = outgoing({
  action: 'Reset',
  request: Closed({ type: OneOf('Hard', 'Soft') }),
  response: Closed({ status: OneOf('Accepted', 'Rejected') }),
});
