import { outgoing } from '../define.ts';
import { Closed, OneOf } from '../types.ts';
import { CertificateHashData } from './certificate.ts';

/** [Security Whitepaper, DeleteCertificate] Removes an installed root certificate. */
export const deleteCertificate = outgoing({
  action: 'DeleteCertificate',
  request: Closed({ certificateHashData: CertificateHashData }),
  response: Closed({ status: OneOf('Accepted', 'Failed', 'NotFound') }),
});
