import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLog } from '@voltgate/shared/log.ts';
import { createMetrics } from '@voltgate/shared/metrics.ts';
import type { Letter, RefusedIdentity } from '@voltgate/shared/ports.ts';
import { createUnknownChargePoints } from '../../gateway/src/unknown-charge-points.ts';

const MINUTE_MS = 60_000;

function watched(t: TestContext) {
  const told: RefusedIdentity[][] = [];
  const metrics = createMetrics();
  const jobs = { tell: async ([letter]: readonly Letter[]) => void told.push(JSON.parse(letter?.text ?? '')) };
  const unknown = createUnknownChargePoints({ jobs, gatewayId: 'g', log: createLog('silent', {}), metrics });
  t.after(() => unknown.close());
  return { told, metrics, unknown };
}

test('who hammers is told when first seen, then once a minute with all attempts', async (t) => {
  const { told, unknown } = watched(t);
  unknown.refused('CP', 'a', 'ocpp1.5, bad word', 0);
  await unknown.tellDue(1);
  for (let atMs = 10; atMs < MINUTE_MS; atMs += 10) unknown.refused('CP', 'b', '', atMs);
  await unknown.tellDue(MINUTE_MS - 10);
  assert.deepEqual(told, [
    [{ chargePointId: 'CP', attempts: 1, firstAtMs: 0, lastAtMs: 0, address: 'a', subprotocols: ['ocpp1.5'] }],
  ]);
  await unknown.tellDue(MINUTE_MS + 1);
  assert.deepEqual(told[1], [
    {
      chargePointId: 'CP',
      attempts: 5_999,
      firstAtMs: 10,
      lastAtMs: MINUTE_MS - 10,
      address: 'b',
      subprotocols: [],
    },
  ]);
});

test('whoever invents identities costs bounded memory and letters', async (t) => {
  const { told, metrics, unknown } = watched(t);
  for (let count = 0; count < 6_000; count += 1) unknown.refused(`CP-${count}`, 'a', '', 0);
  assert.equal((await metrics.unknownChargePointsDropped.get()).values[0]?.value, 1_000);
  await unknown.tellDue(1);
  assert.equal(told.flat().length, 100);
  await unknown.close();
  assert.equal(told.flat().length, 5_000);
  assert.ok(told.every((letter) => letter.length <= 100));
});

test('who has been quiet is forgotten, and there is room again', async (t) => {
  const { told, metrics, unknown } = watched(t);
  for (let count = 0; count < 5_000; count += 1) unknown.refused(`CP-${count}`, 'a', '', 0);
  for (let turn = 0; turn < 51; turn += 1) await unknown.tellDue(turn);
  await unknown.tellDue(2 * MINUTE_MS);
  for (let count = 0; count < 5_000; count += 1) unknown.refused(`new-${count}`, 'a', '', 2 * MINUTE_MS);
  assert.equal((await metrics.unknownChargePointsDropped.get()).values[0]?.value ?? 0, 0);
  assert.equal(told.flat().length, 5_000);
});
