import { Type } from '@sinclair/typebox';
import { outgoing } from '../define.ts';
import { Closed, OneOf } from '../types.ts';
import { CertificateHashData, CertificateUse } from './certificate.ts';

/** [Security Whitepaper, GetInstalledCertificateIds] Lists the installed root certificates of one use. */
export const getInstalledCertificateIds = outgoing({
  action: 'GetInstalledCertificateIds',
  request: Closed({ certificateType: CertificateUse }),
  response: Closed({
    certificateHashData: Type.Optional(Type.Array(CertificateHashData, { minItems: 1 })),
    status: OneOf('Accepted', 'NotFound'),
  }),
});
