import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlappingReport } from '@voltgate/shared/ports.ts';
import { createFlapping } from '../../gateway/src/flapping.ts';

function watched() {
  const reports: FlappingReport[] = [];
  const flapping = createFlapping({ flapTakeovers: 5, flapWindowMs: 60_000, report: (report) => reports.push(report) });
  return { reports, flapping };
}

test('takeovers up to the limit are nothing to report', () => {
  const { reports, flapping } = watched();
  for (let count = 0; count < 5; count += 1) flapping.takenOver('CP', ['a'], count);
  assert.deepEqual(reports, []);
});

test('more takeovers are reported once per window, with the addresses', () => {
  const { reports, flapping } = watched();
  for (let count = 0; count < 50; count += 1) flapping.takenOver('CP', [count % 2 ? 'a' : 'b'], count);
  assert.deepEqual(reports, [{ chargePointId: 'CP', takeovers: 6, addresses: ['b', 'a'], firstAtMs: 0, lastAtMs: 5 }]);
  for (let count = 0; count < 6; count += 1) flapping.takenOver('CP', ['a'], 60_000 + count);
  assert.equal(reports.length, 2);
});

test('takeovers of different charge points are not added up', () => {
  const { reports, flapping } = watched();
  for (let count = 0; count < 50; count += 1) flapping.takenOver(`CP-${count}`, ['a'], count);
  assert.deepEqual(reports, []);
});
