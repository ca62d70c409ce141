import assert from 'node:assert/strict';
import { test } from 'node:test';
import { undoAfter } from '../support/cleanup.ts';
import { startCluster } from '../support/cluster.ts';
import { noRedisCluster, redisCluster } from '../support/redis-cluster.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';
import { plugIn } from './plug.ts';

test('gateways and workers over a Redis Cluster: a charge, a takeover, a dead gateway', {
  skip: noRedisCluster ?? false,
}, async (t) => {
  const database = await createTestDatabase();
  undoAfter(t, () => database.drop());
  const cluster = await startCluster({
    databaseUrl: database.url,
    redisUrl: (await redisCluster(t)).url,
    gateways: 2,
    workers: 1,
    env: {
      REDIS_CLUSTER: 'true',
      UNKNOWN_CHARGE_POINTS: 'adopt',
      ALLOW_PROFILE_0: 'true',
      LEASE_TTL_MS: '1000',
      LEASE_RENEW_MS: '200',
      REAP_INTERVAL_MS: '200',
    },
    idTags: ['TAG'],
  });
  undoAfter(t, () => cluster.stop());
  const shown = async () => {
    const response = await fetch(`${cluster.gateways[1]?.apiUrl}/api/v1/charge-points/CP`, {
      headers: { authorization: `Bearer ${cluster.apiKey}` },
    });
    return (await response.json()) as Record<string, unknown>;
  };

  const first = await plugIn(`${cluster.ocppUrls[1]}/CP`);
  await first.ask('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
  const second = await plugIn(`${cluster.ocppUrls[0]}/CP`);
  undoAfter(t, () => second.socket.terminate());
  await first.closed;
  const timestamp = new Date().toISOString();
  const started = await second.ask('StartTransaction', { connectorId: 1, idTag: 'TAG', meterStart: 0, timestamp });
  assert.equal(typeof started.transactionId, 'number');
  const meterValue = [{ timestamp, sampledValue: [{ value: '7' }] }];
  await second.ask('MeterValues', { connectorId: 1, transactionId: started.transactionId, meterValue });
  await until(async () => {
    const { online, gatewayId } = await shown();
    return online === true && gatewayId === cluster.gateways[0]?.processId;
  });
  cluster.gateways[0]?.kill('SIGKILL');
  await until(async () => (await shown()).lastDisconnectCategory === 'gateway-died', { withinMs: 15_000 });
  assert.equal((await shown()).online, false);
});
