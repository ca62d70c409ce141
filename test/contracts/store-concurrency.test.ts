import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upsertIdTag } from '@voltgate/shared/store/administration.ts';
import { createStore } from '@voltgate/shared/store/postgres.ts';
import { minute, reading, start, status, stop } from '../support/store-messages.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { withEveryPool } from '../support/test-store.ts';

withEveryPool('at the same time', (openStore) => {
  test('twenty charge points start on one tag: one is accepted, all get ids', async (t) => {
    const store = await openStore(t);
    await upsertIdTag(store.db, { idTag: 'TAG', maxActiveTransactions: 1 });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.startTransaction(start({ chargePointId: `CP${n}` }))),
    );
    assert.equal(answers.filter((answer) => answer.idTagInfo.status === 'Accepted').length, 1);
    assert.equal(answers.filter((answer) => answer.idTagInfo.status === 'ConcurrentTx').length, 19);
    assert.equal(new Set(answers.map((answer) => answer.transactionId)).size, 20);
  });

  test('twenty retries of one Start are one transaction with one answer', async (t) => {
    const store = await openStore(t);
    await upsertIdTag(store.db, { idTag: 'TAG' });
    const message = start();
    const answers = await Promise.all(Array.from({ length: 20 }, () => store.startTransaction({ ...message })));
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.equal((await store.sql`select from transaction`).length, 1);
  });

  test('a tag with more than one running transaction allowed gets exactly that many', async (t) => {
    const store = await openStore(t);
    await upsertIdTag(store.db, { idTag: 'TWO', maxActiveTransactions: 2 });
    await upsertIdTag(store.db, { idTag: 'ANY', maxActiveTransactions: null });
    const accepted = async (idTag: string) => {
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, n) => store.startTransaction(start({ chargePointId: `CP${n}`, idTag }))),
      );
      return answers.filter((answer) => answer.idTagInfo.status === 'Accepted').length;
    };
    assert.equal(await accepted('TWO'), 2);
    assert.equal(await accepted('ANY'), 10);
  });

  test('sets over the same charge points, starts and stops do not wait for each other in a circle', async (t) => {
    const store = await openStore(t);
    const ids = Array.from({ length: 30 }, (_, n) => `CP${n}`);
    const sets = Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? ids : ids.toReversed()));
    await Promise.all([
      ...sets.map((set) => store.meterReadings(set.map((chargePointId) => reading({ chargePointId })))),
      ...sets.map((set, n) =>
        store.connectorStatuses(set.map((chargePointId) => status({ chargePointId, statusAt: minute(n) }))),
      ),
      ...sets.map((set, n) => store.seen(set.map((chargePointId) => ({ chargePointId, seenAtMs: n })))),
      ...ids.map((chargePointId) => store.startTransaction(start({ chargePointId }))),
      ...ids.map((chargePointId) => store.stopTransaction(stop({ chargePointId }))),
      ...ids.map((chargePointId) => store.identify(chargePointId, true)),
    ]);
    const rows = await store.sql`select status, count(*) from transaction group by status`;
    assert.deepEqual([...rows], [{ status: 'stopped', count: 30 }]);
    assert.equal((await store.sql`select from meter_value`).length, 30);
  });
});

test('a start on one process and one on another agree which was first', async (t) => {
  const database = await createTestDatabase();
  const stores = [1, 2].map(() => createStore({ url: database.url, poolSize: 5 }));
  t.after(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await database.drop();
  });
  const [one, other] = stores;
  assert.ok(one && other);
  await upsertIdTag(one.db, { idTag: 'TAG', maxActiveTransactions: 1 });
  for (let round = 0; round < 10; round += 1) {
    const answers = await Promise.all(
      stores.map((store, n) => store.startTransaction(start({ chargePointId: `CP${n}`, startedAt: minute(round) }))),
    );
    assert.equal(answers.filter((answer) => answer.idTagInfo.status === 'Accepted').length, 1);
    for (const [n, { transactionId }] of answers.entries()) {
      await other.stopTransaction(stop({ chargePointId: `CP${n}`, transactionId, stoppedAt: minute(round) }));
    }
  }
});
