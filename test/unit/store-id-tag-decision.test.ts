import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideIdTag, type KnownIdTag } from '@voltgate/shared/store/id-tag-decision.ts';

const now = new Date('2026-01-31T12:00:00.000Z');
const before = new Date('2026-01-31T11:59:59.999Z');
const tag = (values: Partial<KnownIdTag> = {}): KnownIdTag => ({
  status: 'Accepted',
  expiresAt: null,
  parentIdTag: null,
  parentStatus: null,
  parentExpiresAt: null,
  maxActiveTransactions: 1,
  ...values,
});
const status = (values: Partial<KnownIdTag>, active: number | null = 0) => decideIdTag(tag(values), now, active).status;

test('an unknown tag is Invalid and nothing else is said of it', () => {
  assert.deepEqual(decideIdTag(null, now, 0), { status: 'Invalid' });
});

test('a stored status is the decision, one that nobody knows is Invalid', () => {
  assert.equal(status({ status: 'Blocked' }), 'Blocked');
  assert.equal(status({ status: 'Expired' }), 'Expired');
  assert.equal(status({ status: 'Invalid' }), 'Invalid');
  assert.equal(status({ status: 'whatever' }), 'Invalid');
});

test('a tag is Expired from its expiry on', () => {
  assert.equal(status({ expiresAt: now }), 'Expired');
  assert.equal(status({ expiresAt: new Date(now.getTime() + 1) }), 'Accepted');
});

test('a child is no better than its parent', () => {
  assert.equal(status({ parentIdTag: 'p', parentStatus: 'Blocked' }), 'Blocked');
  assert.equal(status({ parentIdTag: 'p', parentStatus: 'Accepted', parentExpiresAt: before }), 'Expired');
  assert.equal(status({ parentIdTag: 'p', parentStatus: null }), 'Accepted');
});

test('ConcurrentTx is said at the limit, and only where it matters', () => {
  assert.equal(status({}, 1), 'ConcurrentTx');
  assert.equal(status({ maxActiveTransactions: 2 }, 1), 'Accepted');
  assert.equal(status({ maxActiveTransactions: null }, 99), 'Accepted');
  assert.equal(status({ maxActiveTransactions: 0 }, 0), 'ConcurrentTx');
  assert.equal(status({}, null), 'Accepted');
  assert.equal(status({ status: 'Blocked' }, 1), 'Blocked');
});

test('the answer names the parent and the expiry with milliseconds and Z', () => {
  const expiresAt = new Date('2027-01-01T00:00:00Z');
  assert.deepEqual(decideIdTag(tag({ parentIdTag: 'Fleet', expiresAt }), now, 0), {
    status: 'Accepted',
    expiryDate: '2027-01-01T00:00:00.000Z',
    parentIdTag: 'Fleet',
  });
});
