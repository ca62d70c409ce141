import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type OwnServices, startOwnServices } from '../chaos/own-services.ts';
import { signalTree } from '../chaos/treat.ts';
import { undoAfter } from '../support/cleanup.ts';
import { type Cluster, startCluster } from '../support/cluster.ts';
import { plugIn } from './plug.ts';

/** The shutdown itself may take 25 s. */
const PROMPTLY_MS = 20_000;
const ends = { killed: 'SIGKILL', paused: 'SIGSTOP' } as const;

for (const [what, signal] of Object.entries(ends)) {
  for (const lost of [['Redis'], ['Postgres'], ['Redis', 'Postgres']] as const) {
    test(`gateways and workers stop promptly with ${lost.join(' and ')} ${what}, and say so`, {
      timeout: 600_000,
    }, async (t) => {
      const services = await startOwnServices();
      if (typeof services === 'string') return t.skip(`no Redis of our own to treat badly: ${services}`);
      undoAfter(t, () => services.stop());
      const logs: Record<string, unknown>[] = [];
      const cluster = await start(t, services, logs);
      const plug = await plugIn(`${cluster.ocppUrls[0]}/CP`);
      undoAfter(t, () => plug.socket.terminate());
      await plug.ask('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
      const pids = { Redis: services.redis.child.pid, Postgres: services.postgres.child.pid };
      for (const service of lost) signalTree(pids[service], signal);
      undoAfter(t, async () => {
        for (const service of lost) signalTree(pids[service], 'SIGCONT');
      });
      // Something is under way, for the worker too where there is still a queue.
      const told = plug.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' });
      if (lost[0] === 'Postgres') assert.equal((await told).type, 'result');
      else void told.catch(() => undefined);

      const startedAtMs = performance.now();
      const members = [...cluster.gateways, ...cluster.workers];
      const ended = await Promise.all(members.map((member) => member.stop()));
      const tookMs = performance.now() - startedAtMs;
      t.diagnostic(`${tookMs.toFixed(0)} ms, exit codes ${ended.map(({ code }) => code).join(', ')}`);
      assert.ok(tookMs < PROMPTLY_MS, `stopped after ${tookMs} ms`);
      for (const { signal: endedBy } of ended) assert.equal(endedBy, null);
      assert.equal((await plug.closed).code, 1001);
      for (const { id } of members) {
        const said = logs.filter((line) => line.process === id && line.msg === 'stopped without what is away');
        assert.deepEqual(
          said.map(({ away }) => [...(away as string[])].toSorted()),
          [[...lost].toSorted()],
        );
      }
      if (lost[0] === 'Redis') assert.ok(logs.some(({ msg }) => msg === 'stopping without having told all'));
    });
  }
}

async function start(t: TestContext, services: OwnServices, logs: Record<string, unknown>[]): Promise<Cluster> {
  const cluster = await startCluster({
    databaseUrl: services.postgres.url,
    redisUrl: services.redis.url,
    gateways: 1,
    workers: 1,
    env: { UNKNOWN_CHARGE_POINTS: 'adopt', ALLOW_PROFILE_0: 'true', REAP_INTERVAL_MS: '300' },
    log: (process, line) => {
      if (line.startsWith('{')) logs.push({ process, ...(JSON.parse(line) as object) });
    },
  });
  undoAfter(t, () => cluster.stop());
  return cluster;
}
