import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';

/** One Redis, or a Redis Cluster. */
export type Client = Redis | Cluster;

/**
 * Where it is. With `cluster` the URL names one of its nodes; the others are found through it. With `sentinels` its host is
 * the name they know the primary by.
 */
export type Place = { readonly url: string; readonly cluster: boolean; readonly sentinels?: Sentinels | undefined };

/** Who knows which Redis is the primary now. `hosts`: host:port, comma separated. */
export type Sentinels = { readonly hosts: string; readonly password: string };

/** How often a client looks who serves which slots, beyond what errors tell it: lost subscriptions heal by it too. */
const SLOTS_REFRESH_MS = 5_000;
const ASK_SUBSCRIBER_MS = 5_000;
const BLOCKED_SILENCE_MS = 20_000;

/**
 * A client for commands that must give a quick verdict: nothing waits for a reconnection, and a command unanswered for
 * `timeoutMs` has failed (its effect is then unknown). A server silent for so long is taken for gone: what comes next fails
 * at once, until a new connection answers.
 */
export function createCommandClient(place: Place, name: string, timeoutMs: number): Client {
  return connect(place, name, {
    commandTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
  });
}

/**
 * A client that only listens: it waits for Redis as long as it takes and subscribes again by itself. A single Redis is asked
 * now and then whether it is there: who only listens would never notice that its line is dead.
 */
export function createSubscriber(place: Place, name: string, timeoutMs: number): Client {
  const options = { maxRetriesPerRequest: null, autoResubscribe: true, socketTimeout: timeoutMs };
  const client = connect(place, name, options, { shardedSubscribers: true });
  if (client instanceof Redis) {
    const timer = setInterval(() => {
      // A silent socket is closed, and what waited on it is sent anew: nothing to do about a failure here.
      if (client.status === 'ready') client.ping().catch(() => undefined);
    }, ASK_SUBSCRIBER_MS).unref();
    client.on('end', () => clearInterval(timer));
  }
  return client;
}

/** A client for BullMQ workers, which block on it for up to 10 s. */
export function createBlockingClient(place: Place, name: string): Client {
  return connect(place, name, { maxRetriesPerRequest: null, socketTimeout: BLOCKED_SILENCE_MS });
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
    : place.sentinels
      ? connectPrimary(place.url, place.sentinels, { ...common, retryStrategy: backOff, ...options })
      : new Redis(place.url, { ...common, retryStrategy: backOff, ...options });
  // Without a listener ioredis prints errors by itself; commands report theirs to the caller, the state is a metric.
  client.on('error', () => undefined);
  return client;
}

function connectCluster(url: string, options: RedisOptions, clusterOptions: ClusterOptions): Cluster {
  const { hostname, port } = new URL(url);
  // Of a node only what holds for all: the account and whether to encrypt.
  const { enableOfflineQueue = true, ...ofEveryNode } = options;
  const redisOptions = { ...ofEveryNode, ...accountOf(url) };
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return new Cluster([{ host, port: Number(port || 6379) }], {
    redisOptions,
    enableOfflineQueue,
    clusterRetryStrategy: backOff,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    ...clusterOptions,
  });
}

/** The primary that Sentinel names now, asked again at every new connection; what it says is checked against its role. */
function connectPrimary(url: string, { hosts, password }: Sentinels, options: RedisOptions): Redis {
  const { hostname, pathname, protocol } = new URL(url);
  return new Redis({
    ...options,
    ...accountOf(url),
    sentinels: sentinelsOf(hosts),
    name: hostname,
    db: Number(pathname.slice(1) || 0),
    sentinelRetryStrategy: backOff,
    // A primary that became a replica keeps the connections that were made to it.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...(password !== '' && { sentinelPassword: password }),
    ...(protocol === 'rediss:' && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
  });
}

/** Addresses of Sentinels; 26379 when no port is given. */
function sentinelsOf(hosts: string): { readonly host: string; readonly port: number }[] {
  return hosts.split(',').map((word) => {
    const { hostname, port } = new URL(`redis://${word.trim()}`);
    return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || 26_379) };
  });
}

function accountOf(url: string): RedisOptions {
  const { username, password, protocol } = new URL(url);
  return {
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' && { tls: {} }),
  };
}

/** ms. A Redis that hangs without closing (paused, cut off) is noticed by its silence while commands wait. */
function backOff(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 6), 1_000) * (0.75 + Math.random() / 2);
}
