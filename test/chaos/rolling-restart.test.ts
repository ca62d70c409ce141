import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChargePoint } from '../support/charge-point/charge-point.ts';
import { undoAfter } from '../support/cleanup.ts';
import { startCluster } from '../support/cluster.ts';
import { startFleet } from './fleet.ts';
import { reconcile } from './reconcile.ts';
import { wait } from './treat.ts';

const CHARGERS = 1_500;
const DAY = { sessions: 2, sessionSeconds: 3_600, meterIntervalSeconds: 900, pauseSeconds: 600 };

test(`a rolling restart of 3 gateways under ${CHARGERS} chargers loses no transaction message`, {
  timeout: 900_000,
}, async (t) => {
  const env = { DRAIN_RATE: '100', DRAIN_DELAY_MS: '500' };
  const fleet = await startFleet(t, { chargers: CHARGERS, speed: 150, keepSamples: false, env });
  if (!fleet) return;
  const offline = watchOffline(fleet.chargers);
  const days = fleet.liveADay(DAY);
  await wait(5_000);
  const before = fleet.chargers.reduce((sum, charger) => sum + charger.report().reconnects, 0);

  // All the new ones first, then the old ones drain at their pace: the way Kubernetes is told to do it.
  const { services, cluster } = fleet;
  const young = await startCluster({
    databaseUrl: services.postgres.url,
    redisUrl: services.redis.url,
    gateways: 3,
    workers: 0,
    prefix: 'young-',
    apiKey: cluster.apiKey,
    env: {
      UNKNOWN_CHARGE_POINTS: 'adopt',
      ALLOW_PROFILE_0: 'true',
      LOG_LEVEL: 'warn',
      AUTHORIZE_WHEN_AWAY: 'Accepted',
      ...env,
    },
  });
  undoAfter(t, () => young.stop());
  fleet.ocppUrls.splice(0, fleet.ocppUrls.length, ...young.ocppUrls);
  for (const gateway of cluster.gateways) assert.equal((await gateway.stop()).code, 0);

  const reports = await days;
  const { p50, p99, most } = offline.stop();
  const reconnects = reports.reduce((sum, report) => sum + report.reconnects, 0) - before;
  assert.equal(
    reports.reduce((sum, { dropped, lost, pending }) => sum + dropped + lost + pending, 0),
    0,
  );
  const { transactions, energyWh } = await reconcile(young, reports);
  assert.ok(transactions >= CHARGERS * DAY.sessions * 0.95, `only ${transactions} transactions happened`);
  assert.ok(reconnects / CHARGERS <= 1.3, `${reconnects / CHARGERS} reconnects per charger`);
  t.diagnostic(
    `${transactions} transactions, ${energyWh} Wh, 0 lost; ${(reconnects / CHARGERS).toFixed(2)} reconnects per charger; offline p50 ${p50} ms, p99 ${p99} ms, at most ${most} ms`,
  );
});

/** How long each charger was without a connection, seen every 20 ms. */
function watchOffline(chargers: readonly ChargePoint[]) {
  const since = new Map<string, number>();
  const durations: number[] = [];
  const timer = setInterval(() => {
    const now = Date.now();
    for (const charger of chargers) {
      const from = since.get(charger.id);
      if (charger.isReady()) {
        if (from !== undefined) durations.push(now - from);
        since.delete(charger.id);
      } else if (from === undefined) since.set(charger.id, now);
    }
  }, 20);
  return {
    stop() {
      clearInterval(timer);
      durations.sort((a, b) => a - b);
      const at = (share: number) =>
        durations[Math.min(durations.length - 1, Math.floor(durations.length * share))] ?? 0;
      return { p50: at(0.5), p99: at(0.99), most: durations.at(-1) ?? 0 };
    },
  };
}
