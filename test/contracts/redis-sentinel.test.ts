import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { readConfig } from '@voltgate/shared/config.ts';
import { createLog } from '@voltgate/shared/log.ts';
import type { Letter } from '@voltgate/shared/ports.ts';
import { connectRedisPorts } from '@voltgate/shared/redis/ports.ts';
import { outputOf } from '../support/child.ts';
import { undoAfter } from '../support/cleanup.ts';
import { startRedisSentinels } from '../support/redis-sentinel.ts';
import { until } from '../support/until.ts';

const noRedis = (await outputOf('redis-server', ['--version'])) ? false : 'no redis-server on the PATH';

test('a primary that dies is succeeded by its replica: claims, messages and jobs go on there', {
  skip: noRedis,
}, async (t) => {
  const redis = await startRedisSentinels();
  undoAfter(t, () => redis.stop());
  const config = readConfig('worker', {
    DATABASE_URL: 'postgres://unused',
    REDIS_URL: redis.url,
    REDIS_SENTINELS: redis.hosts,
  });
  const { bus, jobs, registry, ping, close } = await connectRedisPorts(config, 'test', createLog('silent', {}));
  undoAfter(t, close);
  const heard: string[] = [];
  await bus.subscribe('channel', (text) => heard.push(text));
  const handled: string[] = [];
  const work = {
    tell: async (letters: readonly Letter[]) => void handled.push(...letters.map(({ text }) => text)),
    ask: async () => undefined,
  };
  undoAfter(t, await jobs.work(work, { tellConcurrency: 1, askConcurrency: 1 }));
  await jobs.tell([letter('before')]);
  await until(() => handled.includes('before'));
  const { epoch } = await registry.claim('CP', 'gateway', 'c1');
  await redis.replicated();

  redis.primary.process.kill('SIGKILL');
  await redis.primary.ended;
  await assert.rejects(ping());
  await until(() => ping().then(() => true), { what: 'the replica is primary', withinMs: 120_000 });

  const next = await registry.claim('CP', 'gateway', 'c2');
  assert.equal(next.previous?.connectionId, 'c1', 'what the replica knew is still known');
  assert.ok(next.epoch > epoch);
  await until(async () => {
    await bus.publish('channel', 'after');
    return heard.includes('after');
  });
  await jobs.tell([letter('after')]);
  await until(() => handled.includes('after'), { what: 'the job is worked', withinMs: 60_000 });
});

function letter(text: string): Letter {
  return {
    action: 'Test',
    chargePointId: 'CP',
    connectionId: 'c1',
    receivedAtMs: Date.now(),
    traceId: randomUUID(),
    text,
  };
}
