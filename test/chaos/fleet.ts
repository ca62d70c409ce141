import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { upsertIdTag } from '@voltgate/shared/store/administration.ts';
import { createStore, type PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { type ChargePoint, createChargePoint, type Report } from '../support/charge-point/charge-point.ts';
import { type Day, runDay } from '../support/charge-point/run-day.ts';
import { undoAfter } from '../support/cleanup.ts';
import { type Cluster, startCluster } from '../support/cluster.ts';
import { until } from '../support/until.ts';
import { type OwnServices, startOwnServices } from './own-services.ts';

/** A cluster of real processes with chargers on it, in the middle of their day. */
export type Fleet = {
  readonly services: OwnServices;
  readonly cluster: Cluster;
  readonly store: PostgresStore;
  readonly chargers: readonly ChargePoint[];
  /** Where chargers connect, in turn; a story may change it. */
  readonly ocppUrls: string[];
  /** Every charger lives its day; resolves to the reports. */
  liveADay(day: Omit<Day, 'idTag'>): Promise<Report[]>;
  /** Commands to random chargers through random gateways until `stop`; resolves to what was asked and what chargers did. */
  commandAll(): { stop(): Promise<Commanded> };
  /** Every charger answers a command through every gateway. */
  allReachable(withinMs: number, through?: readonly number[]): Promise<void>;
};

/** Outcomes of commands by HTTP status, and how often chargers executed each. */
export type Commanded = {
  readonly statuses: Readonly<Record<number, number>>;
  readonly executed: ReadonlyMap<string, number>;
  readonly confirmed: readonly string[];
};

export type FleetOptions = {
  readonly chargers: number;
  readonly gateways?: number;
  readonly workers?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly speed?: number;
  /** Default true: acknowledged samples are compared one by one. */
  readonly keepSamples?: boolean;
  /** Redis as one gateway sees it; default the server itself. */
  readonly redisUrlOf?: (gateway: number, services: OwnServices) => Promise<string>;
};

/** Starts services, cluster and chargers; all are ended after the test. Undefined (the test is skipped) without Redis. */
export async function startFleet(t: TestContext, options: FleetOptions): Promise<Fleet | undefined> {
  const services = await startOwnServices();
  if (typeof services === 'string') {
    t.skip(`no Redis of our own to treat badly: ${services}`);
    return undefined;
  }
  undoAfter(t, () => services.stop());
  const cluster = await startCluster({
    databaseUrl: services.postgres.url,
    redisUrl: services.redis.url,
    envOf: await redisOf(services, options),
    gateways: options.gateways ?? 3,
    workers: options.workers ?? 2,
    env: {
      UNKNOWN_CHARGE_POINTS: 'adopt',
      ALLOW_PROFILE_0: 'true',
      LOG_LEVEL: 'warn',
      AUTHORIZE_WHEN_AWAY: 'Accepted',
      ASK_TIMEOUT_MS: '4000',
      DRAIN_DELAY_MS: '0',
      ...options.env,
    },
  });
  undoAfter(t, () => cluster.stop());
  const store = createStore({ url: services.postgres.url, poolSize: 1, applicationName: 'chaos' });
  undoAfter(t, () => store.close());
  const executed = new Map<string, number>();
  const ocppUrls = [...cluster.ocppUrls];
  const chargers = Array.from({ length: options.chargers }, (_, index) =>
    createCharger(ocppUrls, index, options, executed),
  );
  undoAfter(t, () => Promise.all(chargers.map((charger) => charger.stop())));
  for (const { id } of chargers) await upsertIdTag(store.db, { idTag: `tag-${id}` });
  for (const charger of chargers) charger.start();
  await Promise.all(chargers.map((charger) => charger.ready(60_000)));

  return {
    services,
    cluster,
    store,
    chargers,
    ocppUrls,
    liveADay: (day) =>
      Promise.all(
        chargers.map((charger) => runDay(charger, { flushTimeoutMs: 120_000, ...day, idTag: `tag-${charger.id}` })),
      ),
    commandAll() {
      const commander = commandAll(cluster, chargers, executed);
      // Also when the test fails: nobody could end otherwise.
      undoAfter(t, async () => void (await commander.stop()));
      return commander;
    },
    allReachable: (withinMs, through) => allReachable(cluster, chargers, withinMs, through),
  };
}

/** Settings of single gateways: the Redis each of them sees. */
async function redisOf(services: OwnServices, { gateways = 3, redisUrlOf }: FleetOptions) {
  const env: Record<string, Record<string, string>> = {};
  if (!redisUrlOf) return env;
  for (let gateway = 0; gateway < gateways; gateway++)
    env[`gateway-${gateway + 1}`] = { REDIS_URL: await redisUrlOf(gateway, services) };
  return env;
}

function createCharger(
  ocppUrls: readonly string[],
  index: number,
  options: FleetOptions,
  executed: Map<string, number>,
): ChargePoint {
  // Each tries the gateways in turn, as a balancer without stickiness would make it.
  let turn = index;
  const charger = createChargePoint({
    url: () => ocppUrls[turn++ % ocppUrls.length] ?? '',
    id: `CHAOS-${index}`,
    connectors: 1,
    speed: options.speed ?? 420,
    secondMs: 20,
    callTimeoutMs: 8_000,
    backoff: { minMs: 200, maxMs: 2_000 },
    transactionMessageAttempts: Number.POSITIVE_INFINITY,
    keepFrames: false,
    keepSamples: options.keepSamples ?? true,
  });
  charger.answer('DataTransfer', ({ data }) => {
    executed.set(String(data), (executed.get(String(data)) ?? 0) + 1);
    return { status: 'Accepted' };
  });
  return charger;
}

async function command(cluster: Cluster, gateway: number, chargePointId: string, data: string): Promise<number> {
  const url = `${cluster.gateways[gateway]?.apiUrl}/api/v1/charge-points/${chargePointId}/commands/DataTransfer?timeout=5`;
  const headers = { 'x-api-key': cluster.apiKey, 'content-type': 'application/json' };
  const body = JSON.stringify({ vendorId: 'chaos', data });
  const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(20_000) });
  await response.arrayBuffer();
  return response.status;
}

function commandAll(cluster: Cluster, chargers: readonly ChargePoint[], executed: Map<string, number>) {
  const statuses: Record<number, number> = {};
  const confirmed: string[] = [];
  let stopped = false;
  const run = async () => {
    while (!stopped) {
      const charger = chargers[Math.floor(Math.random() * chargers.length)];
      const data = randomUUID();
      // 0: the gateway itself was gone.
      const status = await command(
        cluster,
        Math.floor(Math.random() * cluster.gateways.length),
        charger?.id ?? '',
        data,
      ).catch(() => 0);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === 200) confirmed.push(data);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const running = Promise.all([run(), run(), run()]);
  return {
    async stop(): Promise<Commanded> {
      stopped = true;
      await running;
      return { statuses, executed, confirmed };
    },
  };
}

async function allReachable(
  cluster: Cluster,
  chargers: readonly ChargePoint[],
  withinMs: number,
  through?: readonly number[],
): Promise<void> {
  const gateways = through ?? cluster.gateways.map((_, index) => index);
  const endMs = Date.now() + withinMs;
  await Promise.all(
    chargers.map(async (charger, index) => {
      const gateway = gateways[index % gateways.length] ?? 0;
      await until(async () => (await command(cluster, gateway, charger.id, randomUUID())) === 200, {
        withinMs: Math.max(endMs - Date.now(), 1),
        everyMs: 200,
        what: `${charger.id} to answer through gateway ${gateway}`,
      });
    }),
  );
}

/** No command ran twice, and every confirmed one ran. */
export function assertCommandsExact({ executed, confirmed, statuses }: Commanded): void {
  for (const [data, times] of executed) assert.equal(times, 1, `command ${data} was executed ${times} times`);
  for (const data of confirmed) assert.ok(executed.has(data), `command ${data} was confirmed and never executed`);
  assert.ok(confirmed.length > 0, `no command succeeded: ${JSON.stringify(statuses)}`);
}
