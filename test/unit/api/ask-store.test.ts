import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AWAY, createAskStore } from '@voltgate/gateway/api/ask-store.ts';

const transient = new Error('away');
const isTransient = (error: unknown) => error === transient;

test('an answer comes as it is, a store that is away as AWAY, and a fault as itself', async () => {
  const askStore = createAskStore(isTransient);
  assert.equal(await askStore(async () => 7), 7);
  assert.equal(await askStore(() => Promise.reject(transient)), AWAY);
  const fault = new Error('a fault of ours');
  await assert.rejects(
    askStore(() => Promise.reject(fault)),
    fault,
  );
});

test('a silent store is asked no more than three questions until it speaks again', async () => {
  const askStore = createAskStore(isTransient, 1);
  let asked = 0;
  let speak: () => void = () => undefined;
  const silence = new Promise<void>((resolve) => {
    speak = resolve;
  });
  const question = async () => {
    asked += 1;
    await silence;
    return 'here';
  };
  for (let index = 0; index < 10; index += 1) assert.equal(await askStore(question), AWAY);
  assert.equal(asked, 3);
  speak();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await askStore(question), 'here');
});
