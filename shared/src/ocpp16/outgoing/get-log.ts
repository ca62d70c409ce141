import { Type } from '@sinclair/typebox';
import { outgoing } from '../define.ts';
import { CiString, Closed, DateTime, OneOf } from '../types.ts';

/** [Security Whitepaper, GetLog] Asks for an upload of a log; retryInterval is in seconds. */
export const getLog = outgoing({
  action: 'GetLog',
  request: Closed({
    log: Closed({
      remoteLocation: CiString(512),
      oldestTimestamp: Type.Optional(DateTime),
      latestTimestamp: Type.Optional(DateTime),
    }),
    logType: OneOf('DiagnosticsLog', 'SecurityLog'),
    requestId: Type.Integer(),
    retries: Type.Optional(Type.Integer()),
    retryInterval: Type.Optional(Type.Integer()),
  }),
  response: Closed({
    status: OneOf('Accepted', 'Rejected', 'AcceptedCanceled'),
    filename: Type.Optional(CiString(255)),
  }),
});
