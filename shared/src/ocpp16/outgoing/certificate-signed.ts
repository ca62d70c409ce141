import { outgoing } from '../define.ts';
import { CiString, Closed, OneOf } from '../types.ts';

/** [Security Whitepaper, CertificateSigned] Hands over the certificate a SignCertificate asked for. */
export const certificateSigned = outgoing({
  action: 'CertificateSigned',
  request: Closed({ certificateChain: CiString(10000) }),
  response: Closed({ status: OneOf('Accepted', 'Rejected') }),
});
