import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';

/** One Redis, or a Redis Cluster. */
export type Client = Redis | Cluster;

/** Where it is. With `cluster` the URL names one of its nodes; the others are found through it. */
export type Place = { readonly url: string; readonly cluster: boolean };

/** How often a client looks who serves which slots, beyond what errors tell it: lost subscriptions heal by it too. */
const SLOTS_REFRESH_MS = 5_000;

/**
 * A client for commands that must give a quick verdict: nothing waits for a reconnection, and a command unanswered for
 * `timeoutMs` has failed (its effect is then unknown).
 */
export function createCommandClient(place: Place, name: string, timeoutMs: number): Client {
  return connect(place, name, { commandTimeout: timeoutMs, enableOfflineQueue: false, maxRetriesPerRequest: 0 });
}

/** A client that only listens: it waits for Redis as long as it takes and subscribes again by itself. */
export function createSubscriber(place: Place, name: string): Client {
  return connect(place, name, { maxRetriesPerRequest: null, autoResubscribe: true }, { shardedSubscribers: true });
}

/** A client for BullMQ workers, which block on it. */
export function createBlockingClient(place: Place, name: string): Client {
  return connect(place, name, { maxRetriesPerRequest: null });
}

/** Resolves when the client is connected; rejects after `timeoutMs`. */
export async function whenReady(client: Client, timeoutMs: number): Promise<void> {
  if (client.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => done(() => reject(new Error(`Redis does not answer within ${timeoutMs} ms`))),
      timeoutMs,
    );
    const ready = () => done(resolve);
    function done(settle: () => void): void {
      clearTimeout(timer);
      client.off('ready', ready);
      settle();
    }
    client.on('ready', ready);
  });
}

function connect(place: Place, name: string, options: RedisOptions, clusterOptions: ClusterOptions = {}): Client {
  const common = {
    connectionName: name,
    connectTimeout: 5_000,
    keepAlive: 10_000,
  };
  const client = place.cluster
    ? connectCluster(place.url, { ...common, ...options }, clusterOptions)
    : new Redis(place.url, { ...common, retryStrategy: backOff, ...options });
  // Without a listener ioredis prints errors by itself; commands report theirs to the caller, the state is a metric.
  client.on('error', () => undefined);
  return client;
}

function connectCluster(url: string, options: RedisOptions, clusterOptions: ClusterOptions): Cluster {
  const { hostname, port, username, password, protocol } = new URL(url);
  // Of a node only what holds for all: the account and whether to encrypt.
  const { enableOfflineQueue = true, ...ofEveryNode } = options;
  const redisOptions = {
    ...ofEveryNode,
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' && { tls: {} }),
  };
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return new Cluster([{ host, port: Number(port || 6379) }], {
    redisOptions,
    enableOfflineQueue,
    clusterRetryStrategy: backOff,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    ...clusterOptions,
  });
}

/** ms. A Redis that hangs without closing (paused, cut off) is noticed by its silence while commands wait. */
function backOff(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 6), 1_000) * (0.75 + Math.random() / 2);
}
