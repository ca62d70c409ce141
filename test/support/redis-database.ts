import type { TestContext } from 'node:test';
import { createBlockingClient } from '@voltgate/shared/redis/client.ts';

const given = new WeakMap<TestContext, Promise<string>>();

/**
 * URL of a Redis database of this test's own on the server of REDIS_URL, emptied before and after. Databases are handed
 * out by a counter kept in database 0, so that test files running at one time never share one.
 */
export function redisDatabase(t: TestContext): Promise<string> {
  const known = given.get(t);
  if (known) return known;
  const opened = open(t);
  given.set(t, opened);
  return opened;
}

async function open(t: TestContext): Promise<string> {
  const server = process.env.REDIS_URL;
  if (!server) throw new Error('REDIS_URL names no Redis to test with: run the tests with npm test');
  const root = createBlockingClient(server, 'test');
  const databases = Number(((await root.config('GET', 'databases')) as string[])[1] ?? 16);
  const count = await root.incr('voltgate-test:databases');
  root.disconnect();
  const url = new URL(server);
  url.pathname = `/${1 + (count % (databases - 1))}`;
  const client = createBlockingClient(url.href, 'test');
  await client.flushdb();
  t.after(async () => {
    await client.flushdb();
    client.disconnect();
  });
  return url.href;
}
