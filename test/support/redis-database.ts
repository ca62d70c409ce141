import type { TestContext } from 'node:test';
import { createBlockingClient } from '@voltgate/shared/redis/client.ts';

/** A Redis database that nobody else uses. */
export type RedisDatabase = { readonly url: string; close(): Promise<void> };

/**
 * An empty database on the server of REDIS_URL, emptied again by `close`. They are handed out by a counter kept in
 * database 0, so that test files running at one time never share one.
 */
export async function openRedisDatabase(): Promise<RedisDatabase> {
  const server = process.env.REDIS_URL;
  if (!server) throw new Error('REDIS_URL names no Redis to test with: run the tests with npm test');
  const root = createBlockingClient({ url: server, cluster: false }, 'test');
  const databases = Number(((await root.config('GET', 'databases')) as string[])[1] ?? 16);
  const count = await root.incr('voltgate-test:databases');
  root.disconnect();
  const url = new URL(server);
  url.pathname = `/${1 + (count % (databases - 1))}`;
  const client = createBlockingClient({ url: url.href, cluster: false }, 'test');
  await client.flushdb();
  return {
    url: url.href,
    async close() {
      await client.flushdb();
      client.disconnect();
    },
  };
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
