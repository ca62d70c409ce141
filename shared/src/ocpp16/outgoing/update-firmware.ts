import { Type } from '@sinclair/typebox';
import { outgoing } from '../define.ts';
import { Closed, DateTime } from '../types.ts';

/** [OCPP 1.6, 5.19] Asks for a download from `location`; retryInterval is in seconds. */
export const updateFirmware = outgoing({
  action: 'UpdateFirmware',
  request: Closed({
    location: Type.String({ format: 'uri' }),
    retries: Type.Optional(Type.Integer()),
    retrieveDate: DateTime,
    retryInterval: Type.Optional(Type.Integer()),
  }),
  response: Closed({}),
});
