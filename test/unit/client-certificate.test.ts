import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commonNameOf } from '@voltgate/gateway/client-certificate.ts';

test('the common name is read from what proxies say of a client certificate', () => {
  for (const [header, name] of [
    ['CP-1', 'CP-1'],
    ['  Säule 7/2 ', 'Säule 7/2'],
    ['CN=CP-1,O=Site,C=DE', 'CP-1'],
    ['O=Site, cn = CP-1', 'CP-1'],
    ['CN=CP\\, the first+serialNumber=7,O=Site', 'CP, the first'],
    ['CN=S\\C3\\A4ule', 'Säule'],
    ['CN=CP=1', 'CP=1'],
    ['By=spiffe://x;Hash=4711;Subject="CN=CP-1,O=Site";URI=', 'CP-1'],
    ['Subject%3D%22CN%3DCP-1%2CO%3DSite%22', 'CP-1'],
  ] as const)
    assert.equal(commonNameOf(header), name, header);
});

test('a name that is missing, given twice or read in two ways names nobody', () => {
  for (const header of [
    '',
    'O=Site,C=DE',
    'CN=CP-1,CN=CP-2',
    'O=x\\,CN=CP-1',
    '/O=Site/CN=CP-1',
    'CN=CP-1,nonsense',
    'Subject="CN=CP-1",By=x;Subject="CN=CP-2"',
    'Subject="O=x";Issuer="CN=CP-1"',
    'Subject%3D%22CN%3DCP-1%E0%22',
  ])
    assert.equal(commonNameOf(header), undefined, header);
});

/** Base64 of a certificate whose subject is O=Site, CN=CP-1. */
const OF_CP_1 = [
  'MIIBkzCCATmgAwIBAgIUIP5ZZmKOu8nrS77jUIamKgnfXKgwCgYIKoZIzj0EAwIwHjENMAsGA1UECgwEU2l0ZTENMAsGA1UEAwwE',
  'Q1AtMTAgFw0yNjExMjEwODQxNDlaGA8yMTI2MTAyODA4NDE0OVowHjENMAsGA1UECgwEU2l0ZTENMAsGA1UEAwwEQ1AtMTBZMBMG',
  'ByqGSM49AgEGCCqGSM49AwEHA0IABEXhuNfGactAFsiK2Ulh6m3Qtjq8o9kK2OgK+npGF6PqkknO8R7/XmkyieyQwB/NRDyrxBv0',
  '0xPY5yEsO8+/VR6jUzBRMB0GA1UdDgQWBBSVoC35AvjNAvrG+OCg04IpI1vCvjAfBgNVHSMEGDAWgBSVoC35AvjNAvrG+OCg04Ip',
  'I1vCvjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIHeItl+atqvr6vgqBSyIvWVxU7WYy02NiDtdha8m/6IrAiEA',
  'lfoBs4YxgvjhgtCYl4MnnJsY3sUpb5bhTIZETW8UqUM=',
].join('');
/** Of one whose subject has two common names. */
const OF_TWO = [
  'MIIBkzCCATmgAwIBAgIUcaa2gt2iWbDqzeSXsIfGu3G1wnowCgYIKoZIzj0EAwIwHjENMAsGA1UEAwwEQ1AtMTENMAsGA1UEAwwE',
  'Q1AtMjAgFw0yNjExMjEwODQxNDlaGA8yMTI2MTAyODA4NDE0OVowHjENMAsGA1UEAwwEQ1AtMTENMAsGA1UEAwwEQ1AtMjBZMBMG',
  'ByqGSM49AgEGCCqGSM49AwEHA0IABKilyrLRFvjAmnFokgmBjWHVbuqPb4u/+jf6IrkkYLnUwp+ouCgXTjExojdc4Jt5/PitRSQy',
  '6k3xeh/lhTF4QQGjUzBRMB0GA1UdDgQWBBRMte6Mw/2ay3pPyzezynRlO5SchDAfBgNVHSMEGDAWgBRMte6Mw/2ay3pPyzezynRl',
  'O5SchDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIFHx3JnnmrFOnCxasFsCmhwp3IeFlXWkZcUd0s0xxiSMAiEA',
  '3icH4Zls0McW0A8Ob6ce7KaL8QGx/scu/XbOvcP9aQU=',
].join('');

const pem = (body: string) =>
  `-----BEGIN CERTIFICATE-----\n${body.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;

test('the common name is read from the certificate itself, in every form that proxies send it in', () => {
  for (const header of [
    OF_CP_1,
    encodeURIComponent(pem(OF_CP_1)),
    `Hash=4711;Cert="${encodeURIComponent(pem(OF_CP_1))}";Subject="CN=another"`,
    encodeURIComponent(OF_CP_1),
  ])
    assert.equal(commonNameOf(header), 'CP-1', header);
});

test('a certificate that names two, is cut off or is none names nobody', () => {
  for (const header of [
    OF_TWO,
    OF_CP_1.slice(0, 200),
    encodeURIComponent(pem('AAAA')),
    `Cert="x"`,
    `${OF_CP_1},${OF_CP_1}`,
  ])
    assert.equal(commonNameOf(header), undefined, header);
});
