import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { chargePointChannel } from '@voltgate/shared/channels.ts';
import { readConfig } from '@voltgate/shared/config.ts';
import { createLog } from '@voltgate/shared/log.ts';
import { connectRedisPorts } from '@voltgate/shared/redis/ports.ts';
import { noRedisCluster, redisCluster } from '../support/redis-cluster.ts';
import { until } from '../support/until.ts';

const TIMEOUT_MS = 3_000;
const ids = Array.from({ length: 60 }, () => randomUUID());

describe('Redis Cluster in trouble', { skip: noRedisCluster ?? false }, () => {
  async function open(t: Parameters<typeof redisCluster>[0]) {
    const cluster = await redisCluster(t);
    const config = readConfig('worker', {
      DATABASE_URL: 'postgres://unused',
      REDIS_URL: cluster.url,
      REDIS_CLUSTER: 'true',
      REDIS_TIMEOUT_MS: String(TIMEOUT_MS),
    });
    const ports = await connectRedisPorts(config, `test-${randomUUID()}`, createLog('silent', {}));
    t.after(() => ports.close());
    return { cluster, ...ports };
  }

  test('subscriptions whose connections were cut on every node are there again', async (t) => {
    const { cluster, bus } = await open(t);
    const heard = new Set<string>();
    for (const id of ids) await bus.subscribe(chargePointChannel(id), (text) => heard.add(text));
    await cluster.onEveryNode('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until(async () => {
      for (const id of ids) await bus.publish(chargePointChannel(id), id);
      return heard.size === ids.length;
    });
  });

  test('a node that hangs is a quick verdict for its own charge points only, and heals', async (t) => {
    const { cluster, registry, bus } = await open(t);
    const heard = new Set<string>();
    for (const id of ids) await bus.subscribe(chargePointChannel(id), (text) => heard.add(text));
    await Promise.all(ids.map((id) => registry.claim(id, 'a', 'c1')));
    const hung = cluster.nodes[2]?.child;
    hung?.process.kill('SIGSTOP');
    t.after(() => hung?.process.kill('SIGCONT'));
    const startedAtMs = Date.now();
    const claims = await Promise.allSettled(ids.map((id) => registry.claim(id, 'a', 'c2')));
    assert.ok(Date.now() - startedAtMs < 4 * TIMEOUT_MS, `verdicts within ${Date.now() - startedAtMs} ms`);
    const refused = claims.filter(({ status }) => status === 'rejected').length;
    assert.ok(refused > 0 && refused < ids.length, `${refused} of ${ids.length} refused`);
    hung?.process.kill('SIGCONT');
    await until(async () => (await Promise.all(ids.map((id) => registry.claim(id, 'a', 'c3')))).length > 0);
    await until(async () => {
      for (const id of ids) await bus.publish(chargePointChannel(id), id);
      return heard.size === ids.length;
    });
  });
});
