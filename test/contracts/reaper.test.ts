import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLog } from '@voltgate/shared/log.ts';
import { createMemoryRegistry } from '@voltgate/shared/memory/registry.ts';
import { createMetrics } from '@voltgate/shared/metrics.ts';
import type { Registry } from '@voltgate/shared/ports.ts';
import { createStore, type PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { type PresenceOfGateways, startReaper } from '@voltgate/worker/reaper.ts';
import { gatewayState } from '../support/gateway-state.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';

const LONG_MS = 60_000;

async function open(t: TestContext) {
  const database = await createTestDatabase();
  t.after(() => database.drop());
  const store = createStore({ url: database.url, poolSize: 2 });
  t.after(() => store.close());
  const registry = createMemoryRegistry();
  await registry.renew(gatewayState('dead'), LONG_MS);
  await registry.renew(gatewayState('alive'), LONG_MS);
  return { store, registry };
}

function reapers(
  t: TestContext,
  count: number,
  registry: Registry,
  store: Pick<PostgresStore, 'presence'> & PresenceOfGateways,
  unheardMs = LONG_MS,
) {
  const parts = { registry, store, log: createLog('silent', {}), metrics: createMetrics(), intervalMs: 20, unheardMs };
  for (let index = 0; index < count; index += 1) t.after(startReaper(parts));
}

/** Connects a charge point as a gateway would: claimed and told. */
async function connect(store: PostgresStore, registry: Registry, chargePointId: string, gatewayId: string) {
  await store.identify(chargePointId, true);
  const connectionId = `connection of ${chargePointId}`;
  const { epoch } = await registry.claim(chargePointId, gatewayId, connectionId);
  const said = { gatewayId, connectionId, address: '10.0.0.1', reason: null, category: null };
  await store.presence([{ chargePointId, epoch, online: true, atMs: epoch, ...said }]);
}

const shown = async (store: PostgresStore, chargePointId: string) => {
  const [row] = await store.sql`
    select online, address, last_disconnect_category from charge_point where charge_point_id = ${chargePointId}`;
  return { ...row };
};
const GONE = { online: false, address: '10.0.0.1', lastDisconnectCategory: 'gateway-died' };
const THERE = { online: true, address: '10.0.0.1', lastDisconnectCategory: null };

test('the charge points of a gateway that died are shown offline, the others stay', async (t) => {
  const { store, registry } = await open(t);
  await connect(store, registry, 'CP1', 'dead');
  await connect(store, registry, 'CP2', 'alive');
  reapers(t, 3, registry, store);
  await registry.resign('dead');
  await until(async () => (await shown(store, 'CP1')).online === false);
  assert.deepEqual([await shown(store, 'CP1'), await shown(store, 'CP2')], [GONE, THERE]);
});

test('what was released while the store was away is told when it is back', async (t) => {
  const { store, registry } = await open(t);
  await connect(store, registry, 'CP1', 'dead');
  let away = true;
  let tries = 0;
  const presence: PostgresStore['presence'] = async (changes) => {
    tries += 1;
    if (away) throw new Error('the store is away');
    await store.presence(changes);
  };
  reapers(t, 1, registry, { ...store, presence });
  await registry.resign('dead');
  await until(() => tries > 2);
  assert.deepEqual(await shown(store, 'CP1'), THERE);
  away = false;
  await until(async () => (await shown(store, 'CP1')).online === false);
});

test('rows of a gateway that the registry has never heard of end offline', async (t) => {
  const { store, registry } = await open(t);
  await connect(store, registry, 'CP1', 'of an earlier start');
  await connect(store, registry, 'CP2', 'alive');
  reapers(t, 2, registry, store, 100);
  await until(async () => (await shown(store, 'CP1')).online === false);
  assert.deepEqual([await shown(store, 'CP1'), await shown(store, 'CP2')], [GONE, THERE]);
});
