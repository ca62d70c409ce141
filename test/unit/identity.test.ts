import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basicCredentialsOf, chargePointIdOf } from '@voltgate/gateway/identity.ts';
import { addressOf, trustIn } from '@voltgate/gateway/upgrade.ts';

test('the identity is the segment after ocpp: prefix, trailing slash and percent encoding are understood', () => {
  assert.equal(chargePointIdOf('/ocpp/CP1'), 'CP1');
  assert.equal(chargePointIdOf('/ocpp/CP1/'), 'CP1');
  assert.equal(chargePointIdOf('/some/prefix/ocpp/CP1'), 'CP1');
  assert.equal(chargePointIdOf('/ocpp/CP%201%2F%C3%A9'), 'CP 1/é');
  assert.equal(chargePointIdOf('/ocpp/CP%2531'), 'CP%31');
  assert.equal(chargePointIdOf('/ocpp/ocpp'), 'ocpp');
});

test('a path without an identity, or with a bad one, names nobody', () => {
  for (const path of [
    '/',
    '/ocpp',
    '/ocpp/',
    '/CP1',
    '/ocpp/a/b',
    '/ocpp/a%00b',
    '/ocpp/a%0ab',
    '/ocpp/%',
    '/ocpp/%20',
    `/ocpp/${'x'.repeat(49)}`,
  ]) {
    assert.equal(chargePointIdOf(path), undefined, path);
  }
  assert.equal(chargePointIdOf(`/ocpp/${'x'.repeat(48)}`), 'x'.repeat(48));
});

test('Basic credentials keep the bytes of the password, colons included', () => {
  const header = `Basic ${Buffer.concat([Buffer.from('CP1:a:b'), Buffer.from([0, 255])]).toString('base64')}`;
  const credentials = basicCredentialsOf(header);
  assert.equal(credentials?.user, 'CP1');
  assert.deepEqual(credentials?.password, Buffer.concat([Buffer.from('a:b'), Buffer.from([0, 255])]));
  for (const bad of ['', 'Basic', 'Basic !!!', 'Bearer abc', `Basic ${Buffer.from('nocolon').toString('base64')}`])
    assert.equal(basicCredentialsOf(bad), undefined, bad);
});

test('a forwarded address is believed from trusted proxies only', () => {
  const request = {
    path: '',
    authorization: '',
    subprotocols: '',
    forwardedFor: '203.0.113.9, 10.0.0.7',
    forwardedProto: '',
    clientCertificate: '',
    remoteAddress: '10.0.0.1',
  };
  assert.equal(addressOf(request, trustIn('')), '10.0.0.1');
  assert.equal(addressOf(request, trustIn('10.0.0.0/8')), '203.0.113.9');
  assert.equal(addressOf({ ...request, remoteAddress: '198.51.100.2' }, trustIn('10.0.0.0/8')), '198.51.100.2');
  assert.equal(addressOf({ ...request, forwardedFor: 'garbage' }, trustIn('10.0.0.0/8')), '10.0.0.1');
});
