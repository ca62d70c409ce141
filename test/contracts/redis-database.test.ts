import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBlockingClient } from '@voltgate/shared/redis/client.ts';
import { openRedisDatabase } from '../support/redis-database.ts';

test('a Redis database in use is given to nobody else, however many are opened meanwhile', async (t) => {
  const held = await openRedisDatabase();
  t.after(() => held.close());
  const client = createBlockingClient({ url: held.url, cluster: false }, 'test');
  t.after(() => client.disconnect());
  await client.set('mine', 'kept');
  const databases = Number(((await client.config('GET', 'databases')) as string[])[1]);
  for (let opened = 0; opened < databases; opened += 1) {
    const other = await openRedisDatabase();
    await other.close();
    assert.notEqual(other.url, held.url);
  }
  assert.equal(await client.get('mine'), 'kept');
});
