import { outgoing } from '../define.ts';
import { CiString, Closed, OneOf } from '../types.ts';
import { CertificateUse } from './certificate.ts';

/** [Security Whitepaper, InstallCertificate] Adds a root certificate. */
export const installCertificate = outgoing({
  action: 'InstallCertificate',
  request: Closed({ certificateType: CertificateUse, certificate: CiString(5500) }),
  response: Closed({ status: OneOf('Accepted', 'Failed', 'Rejected') }),
});
