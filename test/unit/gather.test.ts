import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGather, Full } from '@voltgate/shared/gather.ts';

test('items added within the wait go out together', async () => {
  const batches: string[][] = [];
  const gather = createGather<string>({
    maxItems: 10,
    maxWaitMs: 5,
    maxPending: 100,
    flush: async (items) => void batches.push([...items]),
  });
  await Promise.all(['a', 'b', 'c'].map((item) => gather.add(item)));
  assert.deepEqual(batches, [['a', 'b', 'c']]);
  assert.equal(gather.pending(), 0);
});

test('a full batch goes out at once', async () => {
  const batches: string[][] = [];
  const gather = createGather<string>({
    maxItems: 2,
    maxWaitMs: 60_000,
    maxPending: 100,
    flush: async (items) => void batches.push([...items]),
  });
  await Promise.all(['a', 'b', 'c', 'd'].map((item) => gather.add(item)));
  assert.deepEqual(batches, [
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

test('everyone in a batch shares its failure, the next batch is untouched', async () => {
  let fail = true;
  const gather = createGather<string>({
    maxItems: 2,
    maxWaitMs: 1,
    maxPending: 100,
    flush: async () => {
      if (fail) throw new Error('away');
    },
  });
  const outcomes = await Promise.allSettled([gather.add('a'), gather.add('b')]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  fail = false;
  await gather.add('c');
  assert.equal(gather.pending(), 0);
});

test('beyond the bound nothing is taken', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const gather = createGather<string>({ maxItems: 1, maxWaitMs: 0, maxPending: 2, flush: () => held });
  const taken = [gather.add('a'), gather.add('b')];
  await assert.rejects(gather.add('c'), Full);
  release();
  await Promise.all(taken);
  await gather.add('d');
});

test('draining sends what waits and leaves nothing', async () => {
  const sent: string[] = [];
  const gather = createGather<string>({
    maxItems: 10,
    maxWaitMs: 60_000,
    maxPending: 100,
    flush: async (items) => void sent.push(...items),
  });
  const added = gather.add('a');
  await gather.drain();
  await added;
  assert.deepEqual(sent, ['a']);
});
