import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upsertIdTag } from '@voltgate/shared/store/administration.ts';
import { createStore } from '@voltgate/shared/store/postgres.ts';
import { type ChargePoint, createChargePoint } from '../support/charge-point/charge-point.ts';
import { runDay } from '../support/charge-point/run-day.ts';
import { undoAfter } from '../support/cleanup.ts';
import { startCluster } from '../support/cluster.ts';
import { startOwnServices } from './own-services.ts';
import { reconcile } from './reconcile.ts';
import { pauseServer, wait } from './treat.ts';

const CHARGERS = 200;
const DAY = { sessions: 4, sessionSeconds: 3_600, meterIntervalSeconds: 300, pauseSeconds: 600 };
/** Charger seconds per real second: the day takes some 40 s. */
const SPEED = 420;

test(`${CHARGERS} chargers live a day while the worker is killed three times, and Redis and Postgres are each paused for 5 s`, {
  timeout: 900_000,
}, async (t) => {
  const services = await startOwnServices();
  if (typeof services === 'string') return t.skip(`no Redis of our own to pause: ${services}`);
  undoAfter(t, () => services.stop());
  const cluster = await startCluster({
    databaseUrl: services.postgres.url,
    redisUrl: services.redis.url,
    gateways: 2,
    workers: 1,
    env: {
      UNKNOWN_CHARGE_POINTS: 'adopt',
      ALLOW_PROFILE_0: 'true',
      LOG_LEVEL: 'warn',
      AUTHORIZE_WHEN_AWAY: 'Accepted',
      ASK_TIMEOUT_MS: '4000',
    },
  });
  undoAfter(t, () => cluster.stop());
  const store = createStore({ url: services.postgres.url, poolSize: 1, applicationName: 'chaos' });
  undoAfter(t, () => store.close());
  const chargers = Array.from({ length: CHARGERS }, (_, index) => createCharger(cluster.ocppUrls, index));
  undoAfter(t, () => Promise.all(chargers.map((charger) => charger.stop())));
  for (const { id } of chargers) await upsertIdTag(store.db, { idTag: `tag-${id}` });

  for (const charger of chargers) charger.start();
  await Promise.all(chargers.map((charger) => charger.ready(60_000)));
  const days = chargers.map((charger) =>
    runDay(charger, { ...DAY, idTag: `tag-${charger.id}`, flushTimeoutMs: 120_000 }),
  );
  const [worker] = cluster.workers;
  assert.ok(worker);
  for (let kill = 0; kill < 3; kill++) {
    await wait(4_000);
    worker.kill('SIGKILL');
    await worker.ended;
    await wait(1_000);
    await worker.restart();
  }
  await wait(2_000);
  await pauseServer(services.redis.child.pid, 5_000);
  await wait(3_000);
  await pauseServer(services.postgres.child.pid, 5_000);

  const reports = await Promise.all(days);
  const told = reports.reduce((sum, { transactions }) => sum + transactions.length, 0);
  assert.ok(told >= CHARGERS * DAY.sessions * 0.9, `only ${told} transactions happened`);
  assert.equal(
    reports.reduce((sum, { dropped }) => sum + dropped, 0),
    0,
    'a charger gave a message up',
  );
  assert.equal(
    reports.reduce((sum, { pending }) => sum + pending, 0),
    0,
    'a message was never answered',
  );
  const { transactions, energyWh, samples } = await reconcile(cluster, reports);
  const retries = reports.reduce((sum, report) => sum + report.retries, 0);
  t.diagnostic(`${transactions} transactions, ${energyWh} Wh, ${samples} samples; ${retries} messages were sent again`);
  const [dead] = await store.sql`select count(*)::int as count from dead_letter`;
  assert.equal(dead?.count, 0, 'dead letters');
  assert.ok(retries > 0, 'nothing went wrong: the test tests nothing');
});

function createCharger(urls: readonly string[], index: number): ChargePoint {
  return createChargePoint({
    url: urls[index % urls.length] ?? '',
    id: `DAY-${index}`,
    connectors: 1,
    speed: SPEED,
    secondMs: 20,
    callTimeoutMs: 8_000,
    backoff: { minMs: 200, maxMs: 2_000 },
    transactionMessageAttempts: Number.POSITIVE_INFINITY,
    keepFrames: false,
  });
}
