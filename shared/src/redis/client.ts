import { Redis, type RedisOptions } from 'ioredis';

/**
 * A client for commands that must give a quick verdict: nothing waits for a reconnection, and a command unanswered for
 * `timeoutMs` has failed (its effect is then unknown).
 */
export function createCommandClient(url: string, name: string, timeoutMs: number): Redis {
  return connect(url, name, { commandTimeout: timeoutMs, enableOfflineQueue: false, maxRetriesPerRequest: 0 });
}

/** A client that only listens: it waits for Redis as long as it takes and subscribes again by itself. */
export function createSubscriber(url: string, name: string): Redis {
  return connect(url, name, { maxRetriesPerRequest: null, autoResubscribe: true });
}

/** A client for BullMQ workers, which block on it. */
export function createBlockingClient(url: string, name: string): Redis {
  return connect(url, name, { maxRetriesPerRequest: null });
}

/** Resolves when the client is connected; rejects after `timeoutMs`. */
export async function whenReady(client: Redis, timeoutMs: number): Promise<void> {
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

function connect(url: string, name: string, options: RedisOptions): Redis {
  const client = new Redis(url, {
    connectionName: name,
    connectTimeout: 5_000,
    keepAlive: 10_000,
    // A Redis that hangs without closing (paused, cut off) is noticed by its silence while commands wait.
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 6), 1_000) * (0.75 + Math.random() / 2),
    ...options,
  });
  // Without a listener ioredis prints errors by itself; commands report theirs to the caller, the state is a metric.
  client.on('error', () => undefined);
  return client;
}
