import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlappingReport } from '@voltgate/shared/ports.ts';
import { createFlapping } from '../../gateway/src/flapping.ts';

function watched() {
  const reports: FlappingReport[] = [];
  const flapping = createFlapping({ flapTakeovers: 5, report: (report) => reports.push(report) });
  return { reports, flapping };
}

test('takeovers up to the limit are nothing to report', () => {
  const { reports, flapping } = watched();
  for (let count = 1; count <= 5; count += 1) flapping.takenOver('CP', ['a'], { count, sinceMs: 0 }, count);
  assert.deepEqual(reports, []);
});

test('more takeovers are reported once per window, with the addresses', () => {
  const { reports, flapping } = watched();
  for (let count = 1; count <= 50; count += 1)
    flapping.takenOver('CP', [count % 2 ? 'a' : 'b'], { count, sinceMs: 1 }, count);
  assert.deepEqual(reports, [{ chargePointId: 'CP', takeovers: 6, addresses: ['a', 'b'], firstAtMs: 1, lastAtMs: 6 }]);
  for (let count = 1; count <= 7; count += 1) flapping.takenOver('CP', ['a'], { count, sinceMs: 60_000 });
  assert.equal(reports.length, 2);
});

test('takeovers that other gateways counted are reported by the first one seen here', () => {
  const { reports, flapping } = watched();
  flapping.takenOver('CP', ['a'], { count: 9, sinceMs: 1 }, 20);
  assert.deepEqual(reports, [{ chargePointId: 'CP', takeovers: 9, addresses: ['a'], firstAtMs: 1, lastAtMs: 20 }]);
});
