import { createHash } from 'node:crypto';
import { asPayload } from '../wire.ts';
import { type Command, status, text } from './command.ts';

/** [OCPP 1.6 security whitepaper] */
export const certificateSigned: Command = (_inside, payload) => {
  text(payload, 'certificateChain');
  return status('Accepted');
};

/** [OCPP 1.6 security whitepaper] kept by digests of the text: this charger reads no certificates. */
export const installCertificate: Command = ({ memory }, payload) => {
  const certificateType = text(payload, 'certificateType');
  const certificate = text(payload, 'certificate');
  if (!certificate.includes('BEGIN CERTIFICATE')) return status('Rejected');
  const digest = createHash('sha256').update(certificate).digest('hex');
  const hash = { hashAlgorithm: 'SHA256', issuerNameHash: digest, issuerKeyHash: digest };
  memory.certificates.push({ certificateType, ...hash, serialNumber: digest.slice(0, 20) });
  return status('Accepted');
};

/** [OCPP 1.6 security whitepaper] */
export const deleteCertificate: Command = ({ memory }, payload) => {
  const serialNumber = asPayload(payload.certificateHashData).serialNumber;
  const kept = memory.certificates.filter((certificate) => certificate.serialNumber !== serialNumber);
  const deleted = memory.certificates.length - kept.length;
  memory.certificates = kept;
  return status(deleted > 0 ? 'Accepted' : 'NotFound');
};

/** [OCPP 1.6 security whitepaper] */
export const getInstalledCertificateIds: Command = ({ memory }, payload) => {
  const wanted = text(payload, 'certificateType');
  const found = memory.certificates.filter(({ certificateType }) => certificateType === wanted);
  if (found.length === 0) return status('NotFound');
  const certificateHashData = found.map(({ certificateType: _type, ...hash }) => hash);
  return { payload: { status: 'Accepted', certificateHashData } };
};
