import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { undoAfter } from '../support/cleanup.ts';
import { type CutProxy, createCutProxy } from './cut-proxy.ts';
import { assertCommandsExact, type Fleet, type FleetOptions, startFleet } from './fleet.ts';
import { reconcile } from './reconcile.ts';
import { pauseServer, signalTree, wait } from './treat.ts';

const CHARGERS = 300;
const DAY = { sessions: 2, sessionSeconds: 3_600, meterIntervalSeconds: 600, pauseSeconds: 600 };

type Accident = {
  readonly name: string;
  readonly options?: Partial<FleetOptions>;
  readonly happen: (fleet: Fleet) => Promise<void>;
  /** Told messages were lost with the queue's memory: only transactions are compared. */
  readonly losesTold?: boolean;
  /** Gateways left afterwards; default all. */
  readonly through?: readonly number[];
};

let proxy: CutProxy | undefined;

const accidents: readonly Accident[] = [
  {
    name: 'a gateway killed',
    through: [1, 2],
    async happen({ cluster }) {
      cluster.gateways[0]?.kill('SIGKILL');
      await cluster.gateways[0]?.ended;
    },
  },
  {
    name: 'a worker killed',
    async happen({ cluster }) {
      cluster.workers[0]?.kill('SIGKILL');
      await cluster.workers[0]?.ended;
    },
  },
  { name: 'Redis paused for 6 s', happen: ({ services }) => pauseServer(services.redis.child.pid, 6_000) },
  {
    name: 'Redis killed, and back with its file',
    async happen({ services }) {
      signalTree(services.redis.child.pid, 'SIGKILL');
      await services.redis.child.ended;
      await wait(2_000);
      await services.restartRedis();
    },
  },
  {
    name: 'Redis killed, and back without its memory',
    losesTold: true,
    async happen({ services }) {
      signalTree(services.redis.child.pid, 'SIGKILL');
      await services.redis.child.ended;
      await rm(join(services.redis.folder, 'appendonlydir'), { recursive: true });
      await services.restartRedis();
    },
  },
  { name: 'Postgres paused for 6 s', happen: ({ services }) => pauseServer(services.postgres.child.pid, 6_000) },
  {
    name: 'Postgres killed, and back',
    async happen({ services }) {
      signalTree(services.postgres.child.pid, 'SIGKILL');
      await services.postgres.child.ended;
      await wait(2_000);
      await services.restartPostgres();
    },
  },
  {
    name: 'a gateway cut off from Redis for 15 s',
    options: {
      redisUrlOf: async (gateway, services) => {
        if (gateway !== 0) return services.redis.url;
        proxy = await createCutProxy(services.redis.url);
        return proxy.url;
      },
    },
    async happen() {
      proxy?.cut();
      await wait(15_000);
      proxy?.heal();
    },
  },
];

for (const accident of accidents) {
  test(`${accident.name}: ${CHARGERS} chargers lose nothing, no command runs twice`, { timeout: 900_000 }, (t) =>
    play(t, accident),
  );
}

async function play(t: TestContext, { options, happen, through, losesTold = false }: Accident): Promise<void> {
  const fleet = await startFleet(t, { chargers: CHARGERS, ...options });
  if (!fleet) return;
  undoAfter(t, () => proxy?.close());
  const days = fleet.liveADay(DAY);
  const commander = fleet.commandAll();
  await wait(5_000);
  await happen(fleet);
  const began = Date.now();
  const lap = (what: string) => t.diagnostic(`${what} after ${((Date.now() - began) / 1_000).toFixed(1)} s`);
  await fleet.allReachable(60_000, through);
  lap('all reachable');
  const reports = await days;
  lap('the day is over');
  const commanded = await commander.stop();
  assert.equal(
    reports.reduce((sum, { dropped, pending }) => sum + dropped + pending, 0),
    0,
    'a message was given up or never answered',
  );
  const { transactions, energyWh, samples } = await reconcile(
    fleet.cluster,
    losesTold ? reports.map((report) => ({ ...report, samples: [] })) : reports,
    through?.[0],
  );
  lap('reconciled');
  assertCommandsExact(commanded);
  const [dead] = await fleet.store.sql`select count(*)::int as count from dead_letter`;
  assert.equal(dead?.count, 0, 'dead letters');
  t.diagnostic(
    `${transactions} transactions, ${energyWh} Wh, ${samples} samples, commands ${JSON.stringify(commanded.statuses)}`,
  );
}
