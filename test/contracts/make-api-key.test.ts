import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeApiKey } from '@voltgate/migrations/make-api-key.ts';
import { createStore } from '@voltgate/shared/store/postgres.ts';
import { undoAfter } from '../support/cleanup.ts';
import { createTestDatabase } from '../support/test-database.ts';

test('a key that was made is known by its name and role, and no other key is', async (t) => {
  const database = await createTestDatabase();
  undoAfter(t, () => database.drop());
  const store = createStore({ url: database.url, poolSize: 1 });
  undoAfter(t, () => store.close());
  const [first, second] = [
    await makeApiKey(database.url, 'ops', 'admin'),
    await makeApiKey(database.url, 'ops', 'viewer'),
  ];
  assert.ok('key' in first && 'key' in second);
  assert.match(first.key, /^[\w-]{32}$/);
  assert.deepEqual(await store.findApiKey(first.key), { name: 'ops', role: 'admin' });
  assert.deepEqual(await store.findApiKey(second.key), { name: 'ops', role: 'viewer' });
  assert.equal(await store.findApiKey('ops'), null);
});

test('without a name, or with a role that there is not, no key is made', async () => {
  // Nothing listens there: the database is not even asked.
  const nowhere = 'postgres://127.0.0.1:1/none';
  assert.deepEqual(await makeApiKey(nowhere, '', 'admin'), { fault: 'a key needs a name' });
  assert.deepEqual(await makeApiKey(nowhere, '--help', 'admin'), { fault: 'a key needs a name' });
  assert.deepEqual(await makeApiKey(nowhere, 'ops', 'root'), { fault: "there is no role 'root'" });
});
