import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ApiKey, rememberFound } from '@voltgate/gateway/api/authentication.ts';

/** A finder of keys over a list, its look-ups, and a clock to turn. */
function setUp() {
  const keys = new Map<string, ApiKey>([['good', { name: 'tests', role: 'viewer' }]]);
  const lookups: string[] = [];
  const clock = { nowMs: 0 };
  const find = rememberFound(
    async (key) => {
      lookups.push(key);
      return keys.get(key) ?? null;
    },
    5_000,
    () => clock.nowMs,
  );
  return { keys, lookups, clock, find };
}

test('a found key is looked up once in its time, and a withdrawn one ends with it', async () => {
  const { keys, lookups, clock, find } = setUp();
  assert.deepEqual(await find('good'), { name: 'tests', role: 'viewer' });
  keys.delete('good');
  clock.nowMs = 4_999;
  assert.notEqual(await find('good'), null);
  assert.deepEqual(lookups, ['good']);
  clock.nowMs = 5_000;
  assert.equal(await find('good'), null);
});

test('an unknown key is looked up every time, so that a new one works at once', async () => {
  const { keys, find } = setUp();
  assert.equal(await find('new'), null);
  keys.set('new', { name: 'tests', role: 'admin' });
  assert.equal((await find('new'))?.role, 'admin');
});

test('no more than a thousand keys are remembered', async () => {
  const { keys, lookups, find } = setUp();
  await find('good');
  for (let index = 0; index < 1_000; index += 1) {
    keys.set(`key ${index}`, { name: 'tests', role: 'viewer' });
    await find(`key ${index}`);
  }
  await find('good');
  assert.equal(lookups.filter((key) => key === 'good').length, 2);
});
