import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAdmission } from '../../gateway/src/admission.ts';
import { createFailedLogins } from '../../gateway/src/failed-logins.ts';
import { createTokenBucket } from '../../gateway/src/token-bucket.ts';

const settings = { upgradesPerSecond: 2, maxAuthentications: 3, failedLoginsPerMinute: 3, random: () => 0 };

test('a token bucket lets a burst through, then its rate', () => {
  const bucket = createTokenBucket(10, 3);
  const start = Date.now() + 1_000;
  assert.deepEqual(
    [1, 2, 3].map(() => bucket.take(start)),
    [0, 0, 0],
  );
  assert.equal(bucket.take(start), 100);
  assert.equal(bucket.take(start + 100), 0);
  assert.ok(bucket.take(start + 100) > 0);
});

test('a token bucket gives nothing for a clock set back', () => {
  const bucket = createTokenBucket(10, 1);
  const start = Date.now() + 1_000;
  assert.equal(bucket.take(start), 0);
  assert.ok(bucket.take(start - 60_000) > 0);
});

test('upgrades beyond the burst are refused with a time to come back', () => {
  const admission = createAdmission({ ...settings, maxAuthentications: 100 });
  for (let count = 0; count < 4; count += 1) assert.equal(admission.enter('a'), undefined);
  assert.deepEqual(admission.enter('a'), { refusal: 'rate-limited', retryAfterSeconds: 2 });
});

test('the times to come back are spread', () => {
  const admission = createAdmission({ ...settings, maxAuthentications: 0, random: Math.random });
  const times = new Set(Array.from({ length: 200 }, () => admission.enter('a')?.retryAfterSeconds));
  assert.ok(times.size > 5, `${[...times]}`);
});

test('authentications under way are bounded', () => {
  const admission = createAdmission(settings);
  for (let count = 0; count < 3; count += 1) assert.equal(admission.enter('a'), undefined);
  assert.equal(admission.enter('a')?.refusal, 'busy');
  admission.leave('a', false);
  assert.equal(admission.enter('a'), undefined);
});

test('a draining gateway admits nobody', () => {
  const admission = createAdmission(settings);
  admission.drain();
  assert.equal(admission.enter('a')?.refusal, 'draining');
});

test('an address that guesses is refused for a minute, others are not', () => {
  const failed = createFailedLogins(3);
  const now = Date.now();
  for (let count = 0; count < 2; count += 1) failed.failed('a', now);
  assert.equal(failed.isBlocked('a', now), false);
  failed.failed('a', now + 1_000);
  assert.equal(failed.isBlocked('a', now + 2_000), true);
  assert.equal(failed.isBlocked('b', now + 2_000), false);
  assert.equal(failed.isBlocked('a', now + 61_001), false);
});

test('failures spread over minutes block nobody', () => {
  const failed = createFailedLogins(3);
  const now = Date.now();
  for (let minute = 0; minute < 10; minute += 1) failed.failed('a', now + minute * 40_000);
  assert.equal(failed.isBlocked('a', now + 400_000), false);
});

test('a limit of 0 blocks nobody', () => {
  const failed = createFailedLogins(0);
  for (let count = 0; count < 100; count += 1) failed.failed('a');
  assert.equal(failed.isBlocked('a'), false);
});

test('failed logins of very many addresses are forgotten, the oldest first', () => {
  const failed = createFailedLogins(1);
  for (let address = 0; address < 10_001; address += 1) failed.failed(`${address}`);
  assert.equal(failed.isBlocked('0'), false);
  assert.equal(failed.isBlocked('10000'), true);
});
