import { outgoing } from '../define.ts';
import { Closed, OneOf } from '../types.ts';

/** [OCPP 1.6, 5.4] Empties the authorization cache. */
export const clearCache = outgoing({
  action: 'ClearCache',
  request: Closed({}),
  response: Closed({ status: OneOf('Accepted', 'Rejected') }),
});
