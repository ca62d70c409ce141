import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upsertIdTag } from '@voltgate/shared/store/administration.ts';
import type { PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { minute, reading, registerAt, start, stop } from '../support/store-messages.ts';
import { withEveryPool } from '../support/test-store.ts';

const transactions = (store: PostgresStore) => store.sql`select * from transaction order by id`;

withEveryPool('transactions', (openStore) => {
  test('a Start is answered with a positive id and the decision for its idTag', async (t) => {
    const store = await openStore(t);
    await upsertIdTag(store.db, { idTag: 'Tag', parentIdTag: 'Fleet', expiresAt: minute(600) });
    await upsertIdTag(store.db, { idTag: 'Fleet' });
    const { transactionId, idTagInfo } = await store.startTransaction(start());
    assert.ok(transactionId > 0);
    assert.deepEqual(idTagInfo, {
      status: 'Accepted',
      parentIdTag: 'Fleet',
      expiryDate: minute(600).toISOString(),
    });
  });

  test('a Start with a refused idTag still gets an id and a row', async (t) => {
    const store = await openStore(t);
    const { transactionId, idTagInfo } = await store.startTransaction(start({ idTag: 'nobody' }));
    assert.ok(transactionId > 0);
    assert.equal(idTagInfo.status, 'Invalid');
    assert.equal((await transactions(store)).length, 1);
  });

  test('a retried Start gets the original id and the original idTagInfo', async (t) => {
    const store = await openStore(t);
    await upsertIdTag(store.db, { idTag: 'TAG' });
    const first = await store.startTransaction(start());
    await upsertIdTag(store.db, { idTag: 'TAG', status: 'Blocked' });
    const retry = await store.startTransaction(start({ idTag: 'tag', receivedAt: minute(1) }));
    assert.deepEqual(retry, first);
    assert.equal((await transactions(store)).length, 1);
  });

  test('a retried Start gets the original id even after its Stop', async (t) => {
    const store = await openStore(t);
    const { transactionId } = await store.startTransaction(start());
    await store.stopTransaction(stop({ transactionId }));
    assert.equal((await store.startTransaction(start({ receivedAt: minute(90) }))).transactionId, transactionId);
  });

  test('two charges of a clock stuck in 1970 stay two, a job run twice stays one', async (t) => {
    const store = await openStore(t);
    const startedAt = new Date('1970-01-01T00:00:10Z');
    const first = start({ startedAt, receivedAt: minute(0) });
    const { transactionId } = await store.startTransaction(first);
    await store.stopTransaction(
      stop({ transactionId, stoppedAt: new Date('1970-01-01T01:00:00Z'), receivedAt: minute(60) }),
    );
    assert.equal((await store.startTransaction(first)).transactionId, transactionId);
    const late = start({ startedAt, receivedAt: minute(59) });
    assert.equal((await store.startTransaction(late)).transactionId, transactionId);
    const next = start({ startedAt, receivedAt: minute(61) });
    assert.notEqual((await store.startTransaction(next)).transactionId, transactionId);
    assert.deepEqual((await transactions(store))[0]?.flags, ['implausible-clock']);
  });

  test('a new Start on a connector makes the open one suspect, unless the new one is older', async (t) => {
    const store = await openStore(t);
    await store.startTransaction(start({ startedAt: minute(10) }));
    await store.startTransaction(start({ startedAt: minute(5), receivedAt: minute(11) }));
    assert.deepEqual(
      (await transactions(store)).map((row) => row.status),
      ['active', 'active'],
    );
    await store.startTransaction(start({ startedAt: minute(20) }));
    assert.deepEqual(
      (await transactions(store)).map((row) => row.status),
      ['suspect', 'suspect', 'active'],
    );
  });

  test('a Stop closes its transaction with the energy between the two registers', async (t) => {
    const store = await openStore(t);
    await upsertIdTag(store.db, { idTag: 'TAG' });
    const { transactionId } = await store.startTransaction(start());
    assert.deepEqual(await store.stopTransaction(stop({ transactionId })), {});
    const [row] = await transactions(store);
    assert.partialDeepStrictEqual(row, {
      status: 'stopped',
      stoppedBy: 'charger',
      stopReason: 'Local',
      energyWh: 4000,
      energySource: 'register',
      stoppedAt: minute(60),
      flags: [],
    });
  });

  test('a duplicate Stop has the same answer and no second effect', async (t) => {
    const store = await openStore(t);
    await upsertIdTag(store.db, { idTag: 'TAG' });
    const { transactionId } = await store.startTransaction(start());
    const first = await store.stopTransaction(stop({ transactionId, idTag: 'TAG' }));
    const before = await transactions(store);
    const again = await store.stopTransaction(
      stop({ transactionId, idTag: 'TAG', meterStopWh: 9000, receivedAt: minute(70) }),
    );
    assert.deepEqual(again, first);
    assert.deepEqual([...(await transactions(store))], [...before]);
  });

  test('one charge point never stops the transaction of another', async (t) => {
    const store = await openStore(t);
    const { transactionId } = await store.startTransaction(start());
    assert.deepEqual(await store.stopTransaction(stop({ chargePointId: 'CP2', transactionId })), {});
    assert.equal((await transactions(store))[0]?.status, 'active');
    assert.equal((await store.sql`select from orphan where charge_point_id = 'CP2'`).length, 1);
  });

  test('a Stop of the same group is no foreign one, any other tag is flagged and stops as well', async (t) => {
    const store = await openStore(t);
    for (const idTag of ['A', 'B']) await upsertIdTag(store.db, { idTag, parentIdTag: 'Group' });
    await upsertIdTag(store.db, { idTag: 'Other' });
    const answers = [];
    for (const [connectorId, idTag] of ['B', 'Other', 'nobody'].entries()) {
      const { transactionId } = await store.startTransaction(start({ connectorId, idTag: 'A' }));
      answers.push((await store.stopTransaction(stop({ transactionId, idTag }))).idTagInfo?.status);
    }
    assert.deepEqual(answers, ['Accepted', 'Accepted', 'Invalid']);
    const rows = await transactions(store);
    assert.deepEqual(
      rows.map((row) => row.status),
      ['stopped', 'stopped', 'stopped'],
    );
    assert.deepEqual(
      rows.map((row) => row.flags),
      [[], ['foreign-stop-tag'], ['foreign-stop-tag']],
    );
  });

  test('transactionData is kept under the transaction and its connector', async (t) => {
    const store = await openStore(t);
    const { transactionId } = await store.startTransaction(start({ connectorId: 2 }));
    await store.stopTransaction(
      stop({ transactionId, meterValues: [registerAt(minute(30), 3000), registerAt(minute(60), 5000)] }),
    );
    const rows = await store.sql`select connector_id, transaction_id, value from meter_value order by sampled_at`;
    assert.deepEqual(
      [...rows],
      [
        { connectorId: 2, transactionId, value: 3000 },
        { connectorId: 2, transactionId, value: 5000 },
      ],
    );
  });

  test('a register that started again during the session is measured by its samples, whichever came first', async (t) => {
    const store = await openStore(t);
    const samples = (chargePointId: string, transactionId: number) => [
      reading({ chargePointId, transactionId, sampledAt: minute(10), registerWh: 3000 }),
      reading({ chargePointId, transactionId, sampledAt: minute(20), registerWh: 200 }),
    ];
    for (const [chargePointId, samplesFirst] of [
      ['CP1', true],
      ['CP2', false],
    ] as const) {
      const { transactionId } = await store.startTransaction(start({ chargePointId }));
      if (samplesFirst) await store.meterReadings(samples(chargePointId, transactionId));
      await store.stopTransaction(stop({ chargePointId, transactionId, meterStopWh: 500 }));
      if (!samplesFirst) await store.meterReadings(samples(chargePointId, transactionId));
    }
    const [one, other] = await transactions(store);
    assert.equal(one?.energyWh, 2500);
    assert.equal(one?.energySource, 'samples');
    assert.deepEqual(one?.flags, ['meter-stop-below-start', 'register-reset']);
    const comparable = ({ energyWh, energySource, flags, lastRegisterWh }: typeof one & object) => ({
      energyWh,
      energySource,
      flags,
      lastRegisterWh,
    });
    assert.deepEqual(comparable(other ?? {}), comparable(one ?? {}));
  });

  test('NUL characters, the year 0 and great numbers never make a transaction message fail', async (t) => {
    const store = await openStore(t);
    const odd = {
      idTag: 'T\0G',
      startedAt: new Date('0000-01-01T00:00:00Z'),
      receivedAt: minute(0),
      connectorId: 2 ** 40,
    };
    const { transactionId } = await store.startTransaction(start(odd));
    assert.deepEqual(await store.startTransaction(start(odd)), { transactionId, idTagInfo: { status: 'Invalid' } });
    const meterValues = [{ timestamp: minute(1).toISOString(), sampledValue: [{ value: '1\0"\\' }] }];
    await store.stopTransaction(stop({ transactionId, reason: 'Lo\0cal', idTag: '\uD800', meterValues }));
    await store.stopTransaction(stop({ transactionId: 2n ** 80n, idTag: '\0', reason: '\0', meterValues }));
    const [row] = await transactions(store);
    assert.equal(row?.status, 'stopped');
    assert.equal(row?.stopReason, 'Lo\uFFFDcal');
    assert.equal(row?.startedAt.getUTCFullYear(), 1);
    assert.equal((await store.sql`select sent_transaction_id from orphan`)[0]?.sentTransactionId, String(2n ** 80n));
  });
});
