import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword, verifyPassword } from '@voltgate/shared/credential.ts';

test('a password is stored hashed, salted, and verified on its bytes', async () => {
  const stored = await hashPassword('pässword: with a colon');
  assert.ok(!stored.includes('pässword'));
  assert.notEqual(stored, await hashPassword('pässword: with a colon'));
  assert.ok(await verifyPassword(stored, Buffer.from('pässword: with a colon', 'utf8')));
  assert.ok(!(await verifyPassword(stored, Buffer.from('password', 'utf8'))));
});

test('an AuthorizationKey is accepted as raw bytes and as its hex text in either case', async () => {
  const key = '00ff10a0b0c0d0e0f0112233445566778899aabb';
  const stored = await hashPassword(key);
  assert.ok(await verifyPassword(stored, Buffer.from(key, 'hex')));
  assert.ok(await verifyPassword(stored, Buffer.from(key, 'latin1')));
  assert.ok(await verifyPassword(stored, Buffer.from(key.toUpperCase(), 'latin1')));
  assert.ok(!(await verifyPassword(stored, Buffer.from(`${key.slice(0, -2)}00`, 'hex'))));
});

test('what is no stored credential verifies nothing', async () => {
  assert.equal(await verifyPassword('garbage', Buffer.from('garbage')), false);
});
