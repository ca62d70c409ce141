import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { createRedisBus } from '@voltgate/shared/redis/bus.ts';
import { createCommandClient, createSubscriber, whenReady } from '@voltgate/shared/redis/client.ts';
import { createCutProxy } from '../chaos/cut-proxy.ts';
import { wait } from '../chaos/treat.ts';
import { redisDatabase } from '../support/redis-database.ts';
import { until } from '../support/until.ts';

const TIMEOUT_MS = 1_500;

test('a line that died under a subscriber is noticed: it hears again what is published', async (t) => {
  const { proxy, place } = await openProxy(t);
  const direct = { url: await redisDatabase(t), cluster: false };
  const publisher = createCommandClient(direct, 'publisher', TIMEOUT_MS);
  const bus = createRedisBus(publisher, createSubscriber(place, 'subscriber', TIMEOUT_MS));
  t.after(() => bus.close());
  await whenReady(publisher, 30_000);
  const channel = randomUUID();
  const heard: string[] = [];
  await bus.subscribe(channel, (text) => heard.push(text));
  await bus.publish(channel, 'before');
  await until(() => heard.length === 1);
  proxy.forget();
  await until(async () => {
    await bus.publish(channel, 'after');
    return heard.includes('after');
  });
});

test('whoever hears nothing because nothing is said is not cut', async (t) => {
  const { place } = await openProxy(t);
  const subscriber = createSubscriber(place, 'subscriber', TIMEOUT_MS);
  t.after(() => subscriber.disconnect());
  await whenReady(subscriber, 30_000);
  let closed = 0;
  subscriber.on('close', () => {
    closed += 1;
  });
  await subscriber.subscribe(randomUUID());
  // What must not happen can only be waited for: only an answer that stays out is a silence.
  await wait(3 * TIMEOUT_MS);
  await subscriber.ping();
  assert.equal(closed, 0);
});

test('after one silence commands fail at once, and pass again over a new connection', async (t) => {
  const { proxy, place } = await openProxy(t);
  const client = createCommandClient(place, 'commands', TIMEOUT_MS);
  t.after(() => client.disconnect());
  await whenReady(client, 30_000);
  proxy.cut();
  await assert.rejects(client.get('x'));
  await until(() => client.status !== 'ready');
  const startedAtMs = performance.now();
  for (let count = 0; count < 20; count++) await assert.rejects(client.get('x'));
  assert.ok(performance.now() - startedAtMs < TIMEOUT_MS, 'twenty refusals take less than one timeout');
  proxy.heal();
  await until(async () => (await client.set('x', '1')) === 'OK');
});

async function openProxy(t: TestContext) {
  const proxy = await createCutProxy(await redisDatabase(t));
  t.after(() => proxy.close());
  return { proxy, place: { url: proxy.url, cluster: false } };
}
