import { outgoing } from '../define.ts';
import { CiString, Closed, OneOf } from '../types.ts';

/** [OCPP 1.6, 5.3] Sets one configuration key. */
export const changeConfiguration = outgoing({
  action: 'ChangeConfiguration',
  request: Closed({ key: CiString(50), value: CiString(500) }),
  response: Closed({ status: OneOf('Accepted', 'Rejected', 'RebootRequired', 'NotSupported') }),
});
