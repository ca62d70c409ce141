import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { migrate } from '@voltgate/migrations/migrate.ts';
import { createStore, type PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { readFlapping } from '@voltgate/shared/store/read-flapping.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let store: PostgresStore;

before(async () => {
  database = await createTestDatabase();
  await migrate(database.url);
  store = createStore({ url: database.url, poolSize: 1 });
});
after(async () => {
  await store.close();
  await database.drop();
});

test('reports in any order, repeated, from several gateways end in the same row', async () => {
  const report = (lastAtMs: number, takeovers: number, addresses: string[]) => ({ lastAtMs, takeovers, addresses });
  const reports = [report(1_000, 6, ['a', 'b']), report(2_000, 7, []), report(3_000, 8, ['c'])];
  const orders = [
    [0, 1, 2],
    [2, 1, 0],
    [1, 2, 0, 1, 2],
  ];
  for (const [index, order] of orders.entries()) {
    for (const place of order) {
      const each = reports[place];
      if (each) await store.flapping([{ ...each, chargePointId: `CP-${index}`, firstAtMs: each.lastAtMs - 500 }]);
    }
  }
  const rows = await readFlapping(store.db, { after: null, limit: 10 });
  assert.equal(rows.length, orders.length);
  for (const { chargePointId: _, ...row } of rows)
    assert.deepEqual(row, {
      takeovers: 8,
      addresses: ['a', 'b', 'c'],
      firstAt: new Date(500),
      lastAt: new Date(3_000),
    });
});
