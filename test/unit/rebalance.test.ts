import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '@voltgate/shared/config.ts';
import { createLog } from '@voltgate/shared/log.ts';
import type { GatewayState } from '@voltgate/shared/ports.ts';
import { surplusOf } from '../../gateway/src/rebalance.ts';
import { createShed } from '../../gateway/src/shed.ts';
import { gatewayState } from '../support/gateway-state.ts';

const gateway = (gatewayId: string, connections: number, state: GatewayState['state'] = 'serving') =>
  gatewayState(gatewayId, { connections, state });

const on = {
  rebalance: 'on',
  rebalanceAbove: 20,
  rebalanceRate: 4,
  gatewayId: 'a',
  closeCode: 1001,
  intervalMs: 1_000,
  log: createLog('silent', {}),
} as const;

/** A round of rebalancing of gateway a with ten idle chargers at hand; resolves to how many it closes. */
async function closedBy(gateways: readonly GatewayState[]): Promise<number> {
  let closed = 0;
  const close = () => {
    closed += 1;
  };
  const shed = createShed({
    ...on,
    registry: { gateways: async () => gateways },
    all: () => Array(10).fill({ isIdle: true, close }),
  });
  await shed();
  return closed;
}

test('a gateway far above the mean has a surplus, the others none', () => {
  const gateways = [gateway('a', 900), gateway('b', 0), gateway('c', 300)];
  assert.equal(surplusOf('a', gateways, 1_200, 20), 420);
  assert.equal(surplusOf('b', gateways, 1_200, 20), 0);
  assert.equal(surplusOf('c', gateways, 1_200, 20), 0);
});

test('a gateway within the tolerance keeps its chargers', () => {
  assert.equal(surplusOf('a', [gateway('a', 110), gateway('b', 90)], 200, 20), 0);
});

test('a gateway that is alone, or among draining ones, keeps its chargers', async () => {
  assert.equal(await closedBy([gateway('a', 900)]), 0);
  assert.equal(await closedBy([gateway('a', 900), gateway('b', 0, 'draining')]), 0);
  assert.equal(await closedBy([gateway('a', 900), gateway('b', 0)]), 4);
});

test('it is off by default, and then nobody is even counted', async () => {
  const config = readConfig('gateway', { DATABASE_URL: 'postgres://x', REDIS_URL: 'redis://x' });
  const never = () => assert.fail('looked');
  const shed = createShed({
    ...config,
    registry: { gateways: never },
    gatewayId: 'a',
    all: never,
    closeCode: 1001,
    intervalMs: 1_000,
    log: createLog('silent', {}),
  });
  await shed();
});

test('chargers that were sent away and have not come anywhere yet are not made up for by more of them', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 0 });
  let here = 24;
  const shed = createShed({
    ...on,
    registry: { gateways: async () => [gateway('a', here), gateway('b', 0)] },
    all: () =>
      Array.from({ length: here }, () => ({
        isIdle: true,
        close: () => {
          here -= 1;
        },
      })),
  });
  for (let round = 0; round < 50; round += 1) {
    await shed();
    t.mock.timers.tick(1_000);
  }
  assert.equal(here, 15);
  // After a minute nobody believes any more that they come back.
  t.mock.timers.tick(20_000);
  await shed();
  assert.equal(here, 11);
});
