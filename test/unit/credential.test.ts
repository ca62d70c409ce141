import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
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

test('a text is hashed slowly, an AuthorizationKey fast, and a key that was hashed slowly is still known', async () => {
  const key = '0123456789abcdef0123456789abcdef';
  assert.match(await hashPassword('text'), /^text\$4096\$8\$1\$/);
  assert.match(await hashPassword(key), /^hex\$2\$1\$1\$/);
  const slow = 'hex$4096$8$1$AAAAAAAAAAAAAAAAAAAAAA==$SLOW';
  const hash = scryptSync(Buffer.from(key, 'hex'), Buffer.alloc(16), 32, { N: 4096, r: 8, p: 1 }).toString('base64');
  assert.equal(await verifyPassword(slow.replace('SLOW', hash), Buffer.from(key)), true);
});
