import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { createStore, type PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { type Cluster, startCluster } from '../support/cluster.ts';
import { openRedisDatabase } from '../support/redis-database.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';
import { type Plug, type PlugOptions, plugIn } from './plug.ts';

export type Mode = 'standalone' | 'cluster';

/** A transaction as the API shows it, the fields stories look at. */
export type ShownTransaction = {
  readonly id: number;
  readonly chargePointId: string;
  readonly connectorId: number;
  readonly idTag: string;
  readonly meterStartWh: number;
  readonly meterStopWh: number | null;
  readonly energyWh: number | null;
  readonly liveEnergyWh: number | null;
  readonly startedAt: string;
  readonly stoppedAt: string | null;
  readonly stopReason: string | null;
  readonly stoppedBy: string | null;
  readonly status: string;
  readonly flags: readonly string[];
  readonly traceId: string;
};

export type Page<T> = { readonly items: readonly T[]; readonly nextCursor: string | null };

/** What stories play on: real processes, a real database, real sockets. */
export type Stage = {
  readonly mode: Mode;
  readonly cluster: Cluster;
  readonly store: PostgresStore;
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  /** Every log line of every process, parsed. */
  readonly logs: readonly Record<string, unknown>[];
  /** A charge point id nobody used. */
  newId(): string;
  /** Connects through the gateways in turn; the socket is closed after the test. */
  plug(t: TestContext, chargePointId: string, options?: PlugOptions & { readonly gateway?: number }): Promise<Plug>;
  /** GET of an API path; throws on anything but 200. */
  get<T>(path: string): Promise<T>;
  transactions(chargePointId: string): Promise<readonly ShownTransaction[]>;
  /** Waits until the transaction satisfies the condition. */
  transaction(id: number, condition: (shown: ShownTransaction) => boolean): Promise<ShownTransaction>;
  close(): Promise<void>;
};

/** Where single processes, by their id, find Redis: a network in between that a story may cut. */
export type RedisUrls = (redisUrl: string) => Promise<Readonly<Record<string, string>>>;

/**
 * One small process with one connection to Postgres, or three gateways and two workers over Redis; `env` adds settings,
 * `redisUrls` puts something between Redis and some of them.
 */
export async function openStage(
  mode: Mode,
  env: Readonly<Record<string, string>> = {},
  redisUrls: RedisUrls = async () => ({}),
): Promise<Stage> {
  const database = await createTestDatabase();
  const redis = mode === 'cluster' ? await openRedisDatabase() : undefined;
  const logs: Record<string, unknown>[] = [];
  const cluster = await startCluster({
    databaseUrl: database.url,
    redisUrl: redis?.url,
    gateways: 3,
    workers: 2,
    envOf: Object.fromEntries(
      Object.entries(await redisUrls(redis?.url ?? '')).map(([id, url]) => [id, { REDIS_URL: url }]),
    ),
    env: {
      UNKNOWN_CHARGE_POINTS: 'adopt',
      ALLOW_PROFILE_0: 'true',
      LOG_LEVEL: 'debug',
      IDENTITY_CACHE_MS: '200',
      // The small site runs on one connection: whoever waits for a second while holding the first shows here.
      DATABASE_POOL: mode === 'standalone' ? '1' : '4',
      // Long enough for a meter value that says otherwise, on any machine.
      SUSPECT_DELAY_MS: '5000',
      SCHEDULE_INTERVAL_MS: '200',
      REAPPLY_DELAY_MS: '500',
      LAST_SEEN_INTERVAL_MS: '200',
      // Stories of one address each.
      TRUSTED_PROXIES: '127.0.0.1/32',
      CLIENT_CERTIFICATE_HEADER: 'X-Client-Certificate',
      FAILED_LOGINS_PER_MINUTE: '50',
      MESSAGES_PER_SECOND: '100',
      // A busy machine is no Redis that went away.
      REDIS_TIMEOUT_MS: '10000',
      LEASE_RENEW_MS: '1000',
      LEASE_TTL_MS: '10000',
      ...env,
    },
    log: (id, line) => logs.push(parsed(id, line)),
  });
  const store = createStore({ url: database.url, poolSize: 2, applicationName: 'stage' });
  let turn = 0;

  async function get<T>(path: string): Promise<T> {
    const gateway = cluster.gateways[turn++ % cluster.gateways.length];
    const response = await fetch(`${gateway?.apiUrl}${path}`, {
      headers: { authorization: `Bearer ${cluster.apiKey}` },
    });
    if (response.status !== 200) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  return {
    mode,
    cluster,
    store,
    databaseUrl: database.url,
    redisUrl: redis?.url,
    logs,
    newId: () => `CP-${randomUUID().slice(0, 8)}`,
    async plug(t, chargePointId, { gateway, ...options } = {}) {
      const url = cluster.ocppUrls[(gateway ?? turn++) % cluster.ocppUrls.length];
      const plug = await plugIn(`${url}/${encodeURIComponent(chargePointId)}`, options);
      t.after(() => plug.socket.terminate());
      return plug;
    },
    get,
    transactions: async (chargePointId) =>
      (await get<Page<ShownTransaction>>(`/api/v1/charge-points/${encodeURIComponent(chargePointId)}/transactions`))
        .items,
    transaction: (id, condition) =>
      until(
        async () => {
          const shown = await get<ShownTransaction>(`/api/v1/transactions/${id}`);
          if (condition(shown)) return shown;
          throw new Error(`transaction is ${JSON.stringify(shown)}`);
        },
        { what: `transaction ${id}: ${condition}` },
      ),
    async close() {
      await store.close();
      await cluster.stop();
      await redis?.close();
      await database.drop();
    },
  };
}

function parsed(id: string, line: string): Record<string, unknown> {
  try {
    return { process: id, ...(JSON.parse(line) as object) };
  } catch {
    return { process: id, line };
  }
}
