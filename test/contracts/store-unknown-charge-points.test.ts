import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RefusedIdentity } from '@voltgate/shared/ports.ts';
import { createChargePoint } from '@voltgate/shared/store/administer-charge-points.ts';
import { upsertChargePoint } from '@voltgate/shared/store/administration.ts';
import type { PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { readUnknownChargePoints } from '@voltgate/shared/store/read-unknown-charge-points.ts';
import { MOST_UNKNOWN_KEPT } from '@voltgate/shared/store/unknown-charge-points.ts';
import { withEveryPool } from '../support/test-store.ts';

const refused = (chargePointId: string, lastAtMs: number, attempts = 1): RefusedIdentity => ({
  chargePointId,
  attempts,
  firstAtMs: lastAtMs - 500,
  lastAtMs,
  address: `address at ${lastAtMs}`,
  subprotocols: lastAtMs > 1_000 ? ['ocpp1.6', 'ocpp2.0.1'] : [],
});

const listed = (store: PostgresStore) => readUnknownChargePoints(store.db, { after: null, limit: 5_000 });

withEveryPool('unknown charge points', (openStore) => {
  test('reports are added up, the newest says where from; told again they add nothing', async (t) => {
    const store = await openStore(t);
    const first = [refused('A', 1_000, 2), refused('B', 1_500)];
    await store.unknownChargePoints(first);
    await store.unknownChargePoints([refused('A', 2_000, 3), refused('A', 3_000, 4)]);
    await store.unknownChargePoints(first);
    assert.deepEqual(await listed(store), [
      {
        chargePointId: 'A',
        attempts: 9,
        firstAt: new Date(500),
        lastAt: new Date(3_000),
        address: 'address at 3000',
        subprotocols: ['ocpp1.6', 'ocpp2.0.1'],
      },
      {
        chargePointId: 'B',
        attempts: 1,
        firstAt: new Date(1_000),
        lastAt: new Date(1_500),
        address: 'address at 1500',
        subprotocols: ['ocpp1.6', 'ocpp2.0.1'],
      },
    ]);
  });

  test('only the newest are kept', async (t) => {
    const store = await openStore(t);
    const many = Array.from({ length: MOST_UNKNOWN_KEPT + 20 }, (_, count) => refused(`CP-${count}`, 1_000 + count));
    for (const half of [many.slice(0, 600), many.slice(600)]) await store.unknownChargePoints(half);
    const rows = await listed(store);
    assert.equal(rows.length, MOST_UNKNOWN_KEPT);
    assert.deepEqual([rows[0]?.chargePointId, rows.at(-1)?.chargePointId], ['CP-1019', 'CP-20']);
  });

  test('who is registered is unknown no more, also to a report that comes late', async (t) => {
    const store = await openStore(t);
    await store.unknownChargePoints([refused('A', 1_000), refused('B', 1_000), refused('C', 1_000)]);
    await createChargePoint(store.db, { chargePointId: 'A' });
    await upsertChargePoint(store.db, { chargePointId: 'B' });
    await store.unknownChargePoints([refused('A', 2_000), refused('B', 2_000)]);
    assert.deepEqual(
      (await listed(store)).map(({ chargePointId }) => chargePointId),
      ['C'],
    );
  });
});
