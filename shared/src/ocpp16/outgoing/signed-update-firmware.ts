import { Type } from '@sinclair/typebox';
import { outgoing } from '../define.ts';
import { CiString, Closed, DateTime, OneOf } from '../types.ts';

/** [Security Whitepaper, SignedUpdateFirmware] UpdateFirmware with a signature the charge point checks; retryInterval is in seconds. */
export const signedUpdateFirmware = outgoing({
  action: 'SignedUpdateFirmware',
  request: Closed({
    retries: Type.Optional(Type.Integer()),
    retryInterval: Type.Optional(Type.Integer()),
    requestId: Type.Integer(),
    firmware: Closed({
      location: CiString(512),
      retrieveDateTime: DateTime,
      installDateTime: Type.Optional(DateTime),
      signingCertificate: CiString(5500),
      signature: CiString(800),
    }),
  }),
  response: Closed({
    status: OneOf('Accepted', 'Rejected', 'AcceptedCanceled', 'InvalidCertificate', 'RevokedCertificate'),
  }),
});
