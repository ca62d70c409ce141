import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '@voltgate/shared/metrics.ts';
import { measuredStore } from '@voltgate/shared/store/measured.ts';
import { createStore } from '@voltgate/shared/store/postgres.ts';
import { createTestDatabase } from '../support/test-database.ts';

test('operations of the store are timed, and their failures counted by kind', async (t) => {
  const database = await createTestDatabase();
  t.after(() => database.drop());
  const metrics = createMetrics();
  const store = measuredStore(createStore({ url: database.url, poolSize: 3 }), metrics);
  await store.ping();
  await store.authorize('NOBODY', new Date()).catch(() => undefined);
  await store.close();
  await assert.rejects(store.ping());
  const text = await metrics.registry.metrics();
  assert.match(text, /^voltgate_store_seconds_count\{operation="ping"\} 2$/m);
  assert.match(text, /^voltgate_store_seconds_count\{operation="authorize"\} 1$/m);
  assert.match(text, /^voltgate_store_failures_total\{operation="ping",kind="transient"\} 1$/m);
  assert.match(text, /^voltgate_store_operations 0$/m);
  assert.match(text, /^voltgate_store_pool_size 3$/m);
});
