import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chargePointChannel, chargePointOf, PARTITIONS, partitionOf, partitionTag } from '@voltgate/shared/channels.ts';

const EXPECTED = ['{p107}', '{p82}', '{p14}', '{p124}'];

test('charge points keep their partition over releases', () => {
  assert.deepEqual(['CP-1', 'CP-2', 'ü🔌', ''].map(partitionOf), EXPECTED);
  assert.equal(chargePointChannel('CP-1'), `voltgate:${EXPECTED[0]}:cp:CP-1`);
});

test('a channel says whose it is', () => {
  for (const id of ['CP-1', 'ü🔌', 'a:cp:b', '{p1}:cp:']) assert.equal(chargePointOf(chargePointChannel(id)), id);
});

test('ids that differ in their last digits only spread over all partitions', () => {
  const counts = new Map(Array.from({ length: PARTITIONS }, (_, partition) => [partitionTag(partition), 0]));
  const each = 200;
  for (let count = 0; count < PARTITIONS * each; count += 1) {
    const partition = partitionOf(`STATION-${String(count).padStart(6, '0')}`);
    counts.set(partition, (counts.get(partition) ?? Number.NaN) + 1);
  }
  assert.equal(counts.size, PARTITIONS);
  for (const [partition, charged] of counts)
    assert.ok(charged > each / 2 && charged < each * 2, `${partition} has ${charged}`);
});
