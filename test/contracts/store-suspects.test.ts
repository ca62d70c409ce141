import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upsertIdTag } from '@voltgate/shared/store/administration.ts';
import type { PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { boot, minute, reading, start, stop } from '../support/store-messages.ts';
import { withEveryPool } from '../support/test-store.ts';

const transaction = async (store: PostgresStore) => (await store.sql`select * from transaction`)[0];
const due = { before: minute(25), now: minute(26) };

withEveryPool('suspects', (openStore) => {
  test('a boot makes suspect what started before it, and nothing else', async (t) => {
    const store = await openStore(t);
    await store.startTransaction(start({ startedAt: minute(0) }));
    await store.startTransaction(start({ startedAt: minute(30), connectorId: 2 }));
    await store.startTransaction(start({ startedAt: minute(0), chargePointId: 'CP2' }));
    await store.boot(boot({ receivedAt: minute(20) }));
    const rows = await store.sql`select status, suspect_since from transaction order by id`;
    assert.deepEqual(
      [...rows],
      [
        { status: 'suspect', suspectSince: minute(20) },
        { status: 'active', suspectSince: null },
        { status: 'active', suspectSince: null },
      ],
    );
  });

  test('a suspect is closed with its last register, and only when due', async (t) => {
    const store = await openStore(t);
    const { transactionId } = await store.startTransaction(start());
    await store.meterReadings([reading({ transactionId, sampledAt: minute(10), registerWh: 2000 })]);
    await store.boot(boot({ receivedAt: minute(20) }));
    assert.deepEqual(await store.closeSuspects({ before: minute(20), now: minute(21) }), []);
    assert.deepEqual(await store.closeSuspects(due), [{ chargePointId: 'CP1', transactionId, connectorId: 1 }]);
    assert.deepEqual(await store.closeSuspects(due), []);
    assert.partialDeepStrictEqual(await transaction(store), {
      status: 'stopped',
      stoppedBy: 'policy',
      stopReason: 'Other',
      stoppedAt: minute(10),
      meterStopWh: 2000,
      energyWh: 1000,
      energySource: 'last-sample',
    });
  });

  test('a suspect without samples is closed with no energy', async (t) => {
    const store = await openStore(t);
    await store.startTransaction(start());
    await store.boot(boot({ receivedAt: minute(20) }));
    await store.closeSuspects(due);
    assert.partialDeepStrictEqual(await transaction(store), {
      energyWh: 0,
      energySource: 'none',
      stoppedAt: minute(0),
    });
  });

  for (const transactionId of ['its own', -1] as const) {
    test(`a Stop with ${transactionId} as its id corrects an automatic close`, async (t) => {
      const store = await openStore(t);
      const started = await store.startTransaction(start());
      await store.boot(boot({ receivedAt: minute(20) }));
      await store.closeSuspects(due);
      await store.stopTransaction(
        stop({ transactionId: transactionId === -1 ? -1 : started.transactionId, receivedAt: minute(65) }),
      );
      assert.partialDeepStrictEqual(await transaction(store), {
        status: 'stopped',
        stoppedBy: 'charger',
        stopReason: 'Local',
        energyWh: 4000,
        energySource: 'register',
        stoppedAt: minute(60),
      });
    });
  }

  test('a sample that comes after an automatic close still counts', async (t) => {
    const store = await openStore(t);
    const { transactionId } = await store.startTransaction(start());
    await store.boot(boot({ receivedAt: minute(20) }));
    await store.closeSuspects(due);
    await store.meterReadings([
      reading({ transactionId, sampledAt: minute(15), registerWh: 2500, receivedAt: minute(30) }),
    ]);
    assert.partialDeepStrictEqual(await transaction(store), {
      stoppedBy: 'policy',
      energyWh: 1500,
      energySource: 'last-sample',
      stoppedAt: minute(15),
    });
  });

  test('a retried Start of an automatically closed transaction gets the original id', async (t) => {
    const store = await openStore(t);
    await upsertIdTag(store.db, { idTag: 'TAG' });
    const first = await store.startTransaction(start());
    await store.boot(boot({ receivedAt: minute(20) }));
    await store.closeSuspects(due);
    assert.deepEqual(await store.startTransaction(start({ receivedAt: minute(40) })), first);
  });
});
