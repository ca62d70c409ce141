import type { TestContext } from 'node:test';
import { createBlockingClient } from '@voltgate/shared/redis/client.ts';

/** A Redis database that nobody else uses. */
export type RedisDatabase = { readonly url: string; close(): Promise<void> };

/** A test process that was killed returns nothing: longer than any run. */
const CLAIM_SECONDS = 3_600;
const TRY_AGAIN_MS = 100;

/**
 * An empty database on the server of REDIS_URL, emptied and given back by `close`. Claims are kept in database 0, so that
 * test files running at one time never share one; with none free it waits for the next.
 */
export async function openRedisDatabase(): Promise<RedisDatabase> {
  const server = process.env.REDIS_URL;
  if (!server) throw new Error('REDIS_URL names no Redis to test with: run the tests with npm test');
  const number = await claimDatabase(server);
  const url = new URL(server);
  url.pathname = `/${number}`;
  const client = createBlockingClient({ url: url.href, cluster: false }, 'test');
  await client.flushdb();
  return {
    url: url.href,
    async close() {
      await client.flushdb();
      await client.select(0);
      await client.del(claimOf(number));
      client.disconnect();
    },
  };
}

const claimOf = (number: number) => `voltgate-test:database:${number}`;

async function claimDatabase(server: string): Promise<number> {
  const root = createBlockingClient({ url: server, cluster: false }, 'test');
  try {
    const databases = Number(((await root.config('GET', 'databases')) as string[])[1] ?? 16);
    for (;;) {
      for (let number = 1; number < databases; number += 1)
        if (await root.set(claimOf(number), process.pid, 'EX', CLAIM_SECONDS, 'NX')) return number;
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    }
  } finally {
    root.disconnect();
  }
}

const given = new WeakMap<TestContext, Promise<RedisDatabase>>();

/** The URL of one such database per test, closed after it. */
export async function redisDatabase(t: TestContext): Promise<string> {
  const known = given.get(t);
  if (known) return (await known).url;
  const opened = openRedisDatabase();
  given.set(t, opened);
  t.after(async () => (await opened).close());
  return (await opened).url;
}
