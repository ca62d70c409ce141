import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayState } from '@voltgate/shared/ports.ts';
import { surplusOf } from '../../gateway/src/rebalance.ts';

const gateway = (gatewayId: string, connections: number, state: GatewayState['state'] = 'serving'): GatewayState => ({
  gatewayId,
  connections,
  state,
  version: '',
  startedAtMs: 0,
  renewedAtMs: 0,
  messagesPerSecond: 0,
  apiUrl: '',
});

test('a gateway far above the mean has a surplus, the others none', () => {
  const gateways = [gateway('a', 900), gateway('b', 0), gateway('c', 300)];
  assert.equal(surplusOf('a', gateways, 20), 420);
  assert.equal(surplusOf('b', gateways, 20), 0);
  assert.equal(surplusOf('c', gateways, 20), 0);
});

test('a gateway within the tolerance keeps its chargers', () => {
  assert.equal(surplusOf('a', [gateway('a', 110), gateway('b', 90)], 20), 0);
});

test('a gateway that is alone, or among draining ones, keeps its chargers', () => {
  assert.equal(surplusOf('a', [gateway('a', 900)], 20), 0);
  assert.equal(surplusOf('a', [gateway('a', 900), gateway('b', 0, 'draining')], 20), 0);
});
