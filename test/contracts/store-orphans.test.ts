import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upsertIdTag } from '@voltgate/shared/store/administration.ts';
import type { PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { minute, reading, registerAt, start, stop } from '../support/store-messages.ts';
import { withEveryPool } from '../support/test-store.ts';

const statuses = async (store: PostgresStore) =>
  (await store.sql`select status from transaction order by id`).map((row) => row.status);

/** Everything about transactions, samples and orphans but ids and the order of coming. */
async function outcome(store: PostgresStore) {
  const transactions = await store.sql`
    select charge_point_id, connector_id, status, meter_start_wh, meter_stop_wh, started_at, stopped_at, stop_reason,
      stop_id_tag, stopped_by, energy_wh, energy_source, last_register_wh, last_register_at, flags
    from transaction order by charge_point_id, started_at`;
  const samples = await store.sql`
    select charge_point_id, connector_id, transaction_id <> 0 as bound, sampled_at, value from meter_value
    order by charge_point_id, sampled_at`;
  const orphans = await store.sql`
    select action, sent_transaction_id, matched_transaction_id is not null as matched from orphan order by action, at`;
  return JSON.parse(JSON.stringify({ transactions, samples, orphans }));
}

withEveryPool('orphans', (openStore) => {
  for (const transactionId of [0, -1]) {
    test(`a Stop with id ${transactionId} ends the one open transaction that fits`, async (t) => {
      const store = await openStore(t);
      await store.startTransaction(start());
      await store.stopTransaction(stop({ transactionId, idTag: 'tag', reason: 'EVDisconnected' }));
      const { transactions, orphans } = await outcome(store);
      assert.partialDeepStrictEqual(transactions, [
        { status: 'stopped', energyWh: 4000, stopReason: 'EVDisconnected', flags: ['matched-orphan'] },
      ]);
      assert.partialDeepStrictEqual(orphans, [{ matched: true }]);
    });
  }

  test('Stop before Start ends in the same rows as Start before Stop', async (t) => {
    const outcomes = [];
    for (const order of ['start first', 'stop first']) {
      const store = await openStore(t);
      const began = start();
      const ended = stop({ idTag: 'TAG', meterValues: [registerAt(minute(30), 2500)] });
      const sampled = reading({ transactionId: -1 });
      if (order === 'start first') await store.startTransaction(began);
      await store.meterReadings([sampled]);
      await store.stopTransaction(ended);
      if (order === 'stop first') await store.startTransaction(began);
      outcomes.push(await outcome(store));
    }
    assert.deepEqual(outcomes[1], outcomes[0]);
    assert.partialDeepStrictEqual(outcomes[0], {
      transactions: [{ status: 'stopped', lastRegisterWh: 2500 }],
      samples: [{ bound: true }, { bound: true }],
      orphans: [{ matched: true }, { matched: true }],
    });
  });

  test('a Stop with any unknown id waits for the Start that it fits', async (t) => {
    const store = await openStore(t);
    for (const transactionId of [777777, 2n ** 70n]) {
      await store.stopTransaction(stop({ chargePointId: `CP${transactionId}`, transactionId }));
      await store.startTransaction(start({ chargePointId: `CP${transactionId}` }));
    }
    assert.deepEqual(await statuses(store), ['stopped', 'stopped']);
  });

  test('a waiting Stop does not end a session that began after it, or above its register, or on a foreign tag', async (t) => {
    const store = await openStore(t);
    await store.stopTransaction(stop({ idTag: 'TAG' }));
    await store.startTransaction(start({ startedAt: minute(61) }));
    await store.startTransaction(start({ connectorId: 2, meterStartWh: 5001 }));
    await store.startTransaction(start({ connectorId: 3, idTag: 'OTHER' }));
    assert.deepEqual(await statuses(store), ['active', 'active', 'active']);
  });

  test('a Stop that names no transaction and fits two ends neither', async (t) => {
    const store = await openStore(t);
    await store.startTransaction(start({ connectorId: 1 }));
    await store.startTransaction(start({ connectorId: 2 }));
    await store.stopTransaction(stop({ idTag: 'TAG' }));
    await store.stopTransaction(stop());
    assert.deepEqual(await statuses(store), ['active', 'active']);
  });

  test('without an idTag only the one open transaction is meant', async (t) => {
    const store = await openStore(t);
    await store.startTransaction(start({ connectorId: 1, meterStartWh: 1000 }));
    await store.startTransaction(start({ connectorId: 2, meterStartWh: 9000 }));
    await store.stopTransaction(stop());
    assert.deepEqual(await statuses(store), ['active', 'active']);
  });

  test('a tag of the same group fits', async (t) => {
    const store = await openStore(t);
    for (const idTag of ['A', 'B']) await upsertIdTag(store.db, { idTag, parentIdTag: 'GROUP' });
    await store.startTransaction(start({ idTag: 'A' }));
    const answer = await store.stopTransaction(stop({ idTag: 'B' }));
    assert.deepEqual(answer, { idTagInfo: { status: 'Accepted', parentIdTag: 'group' } });
    assert.deepEqual(await statuses(store), ['stopped']);
  });

  test('a Stop below the newest register does not fit', async (t) => {
    const store = await openStore(t);
    const { transactionId } = await store.startTransaction(start());
    await store.meterReadings([reading({ transactionId, registerWh: 6000 })]);
    await store.stopTransaction(stop({ idTag: 'TAG' }));
    assert.deepEqual(await statuses(store), ['active']);
  });

  test('a retried orphan is one orphan and ends nothing else', async (t) => {
    const store = await openStore(t);
    await store.startTransaction(start());
    const ended = stop({ idTag: 'TAG' });
    await store.stopTransaction(ended);
    await store.startTransaction(start({ connectorId: 2 }));
    await store.stopTransaction({ ...ended, text: stop({ idTag: 'TAG' }).text, receivedAt: minute(70) });
    assert.equal((await store.sql`select from orphan`).length, 1);
    assert.deepEqual(await statuses(store), ['stopped', 'active']);
  });

  test('sessions of a clock that was never set are not ended by an old Stop', async (t) => {
    const store = await openStore(t);
    await store.stopTransaction(stop({ stoppedAt: new Date('1970-01-01T05:00:00Z'), receivedAt: minute(0) }));
    await store.startTransaction(start({ startedAt: new Date('1970-01-01T00:01:00Z'), receivedAt: minute(5) }));
    assert.deepEqual(await statuses(store), ['active']);
  });

  test('MeterValues of an unknown transaction are kept, and follow their Stop whichever comes first', async (t) => {
    const outcomes = [];
    for (const order of ['before', 'after']) {
      const store = await openStore(t);
      await store.startTransaction(start());
      const sampled = [
        reading({ transactionId: -1, sampledAt: minute(10) }),
        reading({ transactionId: -1, sampledAt: minute(61), registerWh: 5500 }),
        reading({ transactionId: -1, sampledAt: minute(11), connectorId: 2 }),
      ];
      if (order === 'before') await store.meterReadings(sampled);
      await store.stopTransaction(stop());
      if (order === 'after') await store.meterReadings(sampled);
      await store.meterReadings(sampled);
      outcomes.push(await outcome(store));
    }
    assert.deepEqual(outcomes[1], outcomes[0]);
    assert.deepEqual(
      outcomes[0].samples.map((sample: { bound: boolean }) => sample.bound),
      [true, false, false],
    );
  });
});
