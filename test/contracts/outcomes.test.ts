import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { readConfig } from '@voltgate/shared/config.ts';
import { createLog } from '@voltgate/shared/log.ts';
import { createBlockingClient } from '@voltgate/shared/redis/client.ts';
import { connectRedisPorts } from '@voltgate/shared/redis/ports.ts';
import { outcomesAdapters } from '../support/adapters.ts';
import { openRedisDatabase, redisDatabase } from '../support/redis-database.ts';
import { until } from '../support/until.ts';

const HOUR_MS = 3_600_000;

for (const adapter of outcomesAdapters) {
  describe(`Outcomes: ${adapter.name}`, { skip: adapter.skip }, () => {
    test('of twenty who begin at one time, on two processes, exactly one is the first', async (t) => {
      const [one, two] = await adapter.open(t, 2);
      const key = randomUUID();
      const states = await Promise.all(
        Array.from({ length: 20 }, (_, count) => (count % 2 === 0 ? one : two).begin(key, 'print', HOUR_MS)),
      );
      assert.equal(states.filter(({ state }) => state === 'begun').length, 1);
      assert.equal(states.filter(({ state }) => state === 'under-way').length, 19);
    });

    test('a settled request gives its first outcome to everybody, to the last character', async (t) => {
      const [one, two] = await adapter.open(t, 2);
      const key = `ü {1} ${randomUUID()}`;
      await one.begin(key, 'print', HOUR_MS);
      await one.settle(key, '{"é":"\\u0000"}', HOUR_MS);
      await two.settle(key, 'second', HOUR_MS);
      assert.deepEqual(await two.begin(key, 'print', HOUR_MS), { state: 'settled', outcome: '{"é":"\\u0000"}' });
    });

    test('another request under the same key is told apart, before and after the first is settled', async (t) => {
      const [outcomes] = await adapter.open(t, 1);
      const key = randomUUID();
      await outcomes.begin(key, 'print', HOUR_MS);
      assert.deepEqual(await outcomes.begin(key, 'other', HOUR_MS), { state: 'other-request' });
      await outcomes.settle(key, 'done', HOUR_MS);
      assert.deepEqual(await outcomes.begin(key, 'other', HOUR_MS), { state: 'other-request' });
    });

    test('a request that nobody settles may begin again when its time is over', async (t) => {
      const [outcomes] = await adapter.open(t, 1);
      const key = randomUUID();
      await outcomes.begin(key, 'print', 50);
      await until(async () => (await outcomes.begin(key, 'print', HOUR_MS)).state === 'begun');
      await outcomes.settle(key, 'done', 50);
      await until(async () => (await outcomes.begin(key, 'print', HOUR_MS)).state === 'begun');
    });

    test('what is settled too late leaves nothing behind', async (t) => {
      const [outcomes] = await adapter.open(t, 1);
      const key = randomUUID();
      await outcomes.settle(key, 'late', HOUR_MS);
      assert.deepEqual(await outcomes.begin(key, 'print', HOUR_MS), { state: 'begun' });
    });
  });
}

test('outcomes are as durable as the queue: the Redis of registry and messages may forget everything', async (t) => {
  const queue = await openRedisDatabase();
  t.after(() => queue.close());
  const url = await redisDatabase(t);
  const env = { DATABASE_URL: 'postgres://unused', REDIS_URL: url, QUEUE_REDIS_URL: queue.url };
  const { outcomes, close } = await connectRedisPorts(readConfig('gateway', env), 'test', createLog('silent', {}));
  t.after(close);
  const key = randomUUID();
  await outcomes.begin(key, 'print', HOUR_MS);
  await outcomes.settle(key, 'done', HOUR_MS);
  const client = createBlockingClient({ url, cluster: false }, 'test');
  t.after(() => client.disconnect());
  await client.flushdb();
  assert.deepEqual(await outcomes.begin(key, 'print', HOUR_MS), { state: 'settled', outcome: 'done' });
});
