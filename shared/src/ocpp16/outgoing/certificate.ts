import { CiString, Closed, OneOf } from '../types.ts';

/** [Security Whitepaper, CertificateUseEnumType] */
export const CertificateUse = OneOf('CentralSystemRootCertificate', 'ManufacturerRootCertificate');

/** [Security Whitepaper, CertificateHashDataType] */
export const CertificateHashData = Closed({
  hashAlgorithm: OneOf('SHA256', 'SHA384', 'SHA512'),
  issuerNameHash: CiString(128),
  issuerKeyHash: CiString(128),
  serialNumber: CiString(40),
});
