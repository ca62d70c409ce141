import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAskStore } from '@voltgate/gateway/api/ask-store.ts';
import type { ApiKey } from '@voltgate/gateway/api/authentication.ts';
import { rememberKeys } from '@voltgate/gateway/api/remember-keys.ts';

const UNREACHABLE = Object.assign(new Error('no server'), { code: 'ECONNREFUSED' });

/** A finder of keys over a list that can be away, its look-ups, and a clock to turn. */
function setUp({ withinMs = 60_000 } = {}) {
  const keys = new Map<string, ApiKey>([['good', { name: 'tests', role: 'viewer' }]]);
  const lookups: string[] = [];
  const clock = { nowMs: 0 };
  const store: { failure?: Error | undefined; silence?: Promise<void> | undefined } = {};
  const find = rememberKeys(
    async (key) => {
      lookups.push(key);
      await store.silence;
      if (store.failure) throw store.failure;
      return keys.get(key) ?? null;
    },
    {
      freshMs: 5_000,
      staleMs: 600_000,
      now: () => clock.nowMs,
      askStore: createAskStore((error) => error === UNREACHABLE, withinMs),
    },
  );
  return { keys, lookups, clock, store, find };
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

test('no more than a thousand keys are remembered, and guesses push out none of them', async () => {
  const { keys, lookups, find } = setUp();
  await find('good');
  for (let index = 0; index < 1_001; index += 1) await find(`guess ${index}`);
  await find('good');
  assert.equal(lookups.filter((key) => key === 'good').length, 1);
  for (let index = 0; index < 1_000; index += 1) {
    keys.set(`key ${index}`, { name: 'tests', role: 'viewer' });
    await find(`key ${index}`);
  }
  await find('good');
  assert.equal(lookups.filter((key) => key === 'good').length, 2);
});

test('while the store is away a key counts as it was found last, for as long as that is believed', async () => {
  const { store, clock, find } = setUp();
  await find('good');
  assert.equal(await find('bad'), null);
  store.failure = UNREACHABLE;
  clock.nowMs = 599_999;
  assert.equal((await find('good'))?.role, 'viewer');
  assert.equal(await find('bad'), null);
  clock.nowMs = 600_000;
  await assert.rejects(find('good'), UNREACHABLE);
  await assert.rejects(find('never seen'), UNREACHABLE);
});

test('what no retry can help is told, whatever was found before', async () => {
  const { store, clock, find } = setUp();
  await find('good');
  clock.nowMs = 5_000;
  store.failure = new Error('a fault of ours');
  await assert.rejects(find('good'), store.failure);
});

test('a silent store is not waited for, and what it says at last is heeded', async () => {
  const { keys, store, clock, find } = setUp({ withinMs: 1 });
  await find('good');
  clock.nowMs = 5_000;
  let speak: () => void = () => undefined;
  store.silence = new Promise((resolve) => {
    speak = resolve;
  });
  keys.delete('good');
  assert.equal((await find('good'))?.role, 'viewer');
  speak();
  await new Promise((resolve) => setImmediate(resolve));
  store.failure = UNREACHABLE;
  assert.equal(await find('good'), null);
});
