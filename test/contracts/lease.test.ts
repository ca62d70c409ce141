import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Lease, startLease } from '@voltgate/gateway/lease.ts';
import type { Ownership } from '@voltgate/gateway/ownership.ts';
import { createLog } from '@voltgate/shared/log.ts';
import { createMemoryRegistry } from '@voltgate/shared/memory/registry.ts';
import { createMetrics } from '@voltgate/shared/metrics.ts';
import type { Registry } from '@voltgate/shared/ports.ts';
import { gatewayState } from '../support/gateway-state.ts';
import { until } from '../support/until.ts';

test('a lease that ends once more while everything is claimed anew has it claimed once again', async (t) => {
  let lived = false;
  const { promise: slow, resolve: goOn } = Promise.withResolvers<void>();
  let claimedAnew = 0;
  const reclaimAll = async () => {
    claimedAnew += 1;
    if (claimedAnew === 1) await slow;
  };
  // Half the time to live is how long a round waits for what it began.
  const lease = await leaseOf(t, { renew: async () => lived, reclaimAll, leaseTtlMs: 200, leaseRenewMs: 2_000 });
  assert.equal(claimedAnew, 1);
  // Others saw it die again meanwhile, and freed what it has claimed so far.
  await lease.renewNow();
  lived = true;
  goOn();
  await until(() => claimedAnew === 2);
});

test('what could not be claimed anew is tried again in the next round', async (t) => {
  let lived = false;
  let tries = 0;
  const reclaimAll = async () => {
    tries += 1;
    lived = true;
    if (tries === 1) throw new Error('away again');
  };
  await leaseOf(t, { renew: async () => lived, reclaimAll, leaseTtlMs: 60_000, leaseRenewMs: 100 });
  await until(() => tries === 2);
});

type Given = {
  readonly renew: Registry['renew'];
  readonly reclaimAll: Ownership['reclaimAll'];
  readonly leaseTtlMs: number;
  readonly leaseRenewMs: number;
};

async function leaseOf(t: TestContext, { renew, reclaimAll, ...times }: Given): Promise<Lease> {
  const nothing = async () => undefined;
  const ownership: Ownership = {
    opened: () => undefined,
    closed: () => undefined,
    catchUp: nothing,
    audit: nothing,
    settle: async () => 0,
    reclaimAll,
  };
  const lease = await startLease({
    ...times,
    registry: { ...createMemoryRegistry(), renew },
    ownership,
    gatewayId: 'A',
    state: () => gatewayState('A'),
    onRound: nothing,
    log: createLog('silent', {}),
    metrics: createMetrics(),
  });
  t.after(() => lease.resign());
  return lease;
}
