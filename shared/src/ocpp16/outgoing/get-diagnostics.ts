import { Type } from '@sinclair/typebox';
import { outgoing } from '../define.ts';
import { CiString, Closed, DateTime } from '../types.ts';

/** [OCPP 1.6, 5.9] Asks for an upload to `location`; retryInterval is in seconds. */
export const getDiagnostics = outgoing({
  action: 'GetDiagnostics',
  request: Closed({
    location: Type.String({ format: 'uri' }),
    retries: Type.Optional(Type.Integer()),
    retryInterval: Type.Optional(Type.Integer()),
    startTime: Type.Optional(DateTime),
    stopTime: Type.Optional(DateTime),
  }),
  response: Closed({ fileName: Type.Optional(CiString(255)) }),
});
