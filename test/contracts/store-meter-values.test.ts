import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeterValue, SampledValue } from '@voltgate/shared/ocpp16/types.ts';
import type { PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { boot, minute, reading, registerAt, start, stop } from '../support/store-messages.ts';
import { withEveryPool } from '../support/test-store.ts';

const transaction = async (store: PostgresStore) => (await store.sql`select * from transaction`)[0];
/** One MeterValue of one sampled value, whose words may be none of the specification. */
const sample = (values: { readonly [field in keyof SampledValue]?: string | undefined }): MeterValue[] => [
  { timestamp: minute(10).toISOString(), sampledValue: [{ value: '1', ...values } as SampledValue] },
];

withEveryPool('meter values', (openStore) => {
  test('samples are kept once, however often and in whatever sets they come', async (t) => {
    const store = await openStore(t);
    const { transactionId } = await store.startTransaction(start());
    const readings = [reading({ transactionId }), reading({ connectorId: 0 }), reading({ connectorId: 2 })];
    await store.meterReadings([...readings, ...readings]);
    await store.meterReadings(readings);
    const rows = await store.sql`select connector_id, transaction_id from meter_value order by connector_id`;
    assert.deepEqual(
      [...rows],
      [
        { connectorId: 0, transactionId: 0 },
        { connectorId: 1, transactionId },
        { connectorId: 2, transactionId: 0 },
      ],
    );
    assert.equal((await store.sql`select from orphan`).length, 0);
  });

  test('the time of a sample is kept to the millisecond from the year 1 to 9999', async (t) => {
    const store = await openStore(t);
    const times = ['0001-01-01T00:00:00.001Z', '2026-02-03T04:05:06.789Z', '9999-12-31T23:59:59.999Z'];
    await store.meterReadings(times.map((at) => reading({ sampledAt: new Date(at) })));
    const rows = await store.sql`select sampled_at from meter_value order by sampled_at`;
    assert.deepEqual(
      rows.map((row) => row.sampledAt.toISOString()),
      times,
    );
  });

  test('words that read the same only when written one after the other are of two series', async (t) => {
    const store = await openStore(t);
    await store.meterReadings([
      reading({ meterValues: sample({ measurand: 'Own', location: 'PartX', context: 'Y' }) }),
      reading({ meterValues: sample({ measurand: 'Own', location: 'Part', context: 'XY' }) }),
    ]);
    const rows = await store.sql`select distinct location, context from meter_value`;
    assert.equal(rows.length, 2);
  });

  test('an empty set and a reading without samples do nothing', async (t) => {
    const store = await openStore(t);
    await store.meterReadings([]);
    await store.meterReadings([reading({ meterValues: [] })]);
    assert.equal((await store.sql`select from meter_value`).length, 0);
  });

  test('an unknown transaction id keeps the samples without one and the message as an orphan', async (t) => {
    const store = await openStore(t);
    const { transactionId } = await store.startTransaction(start({ chargePointId: 'CP2' }));
    const ids = [0, -1, 4242, 2n ** 64n, transactionId];
    await store.meterReadings(ids.map((id, n) => reading({ transactionId: id, sampledAt: minute(n) })));
    const rows = await store.sql`select distinct transaction_id from meter_value`;
    assert.deepEqual([...rows], [{ transactionId: 0 }]);
    const orphans = await store.sql`select action, sent_transaction_id from orphan order by at`;
    assert.deepEqual(
      orphans.map((row) => row.sentTransactionId),
      ids.map(String),
    );
    assert.equal((await transaction(store))?.lastRegisterWh, null);
  });

  test('the newest register by charger time wins, in any order', async (t) => {
    const store = await openStore(t);
    const { transactionId } = await store.startTransaction(start());
    await store.meterReadings([
      reading({ transactionId, sampledAt: minute(30), registerWh: 3000 }),
      reading({ transactionId, sampledAt: minute(20), registerWh: 2500 }),
    ]);
    await store.meterReadings([reading({ transactionId, sampledAt: minute(10), registerWh: 2000 })]);
    assert.partialDeepStrictEqual(await transaction(store), { lastRegisterWh: 3000, lastRegisterAt: minute(30) });
  });

  test('a clock gone astray never moves the newest register', async (t) => {
    const store = await openStore(t);
    const { transactionId } = await store.startTransaction(start());
    await store.meterReadings([
      reading({ transactionId, sampledAt: new Date('1970-01-01T00:00:00Z'), receivedAt: minute(1) }),
      reading({ transactionId, sampledAt: new Date('2099-01-01T00:00:00Z'), receivedAt: minute(1) }),
    ]);
    assert.equal((await transaction(store))?.lastRegisterAt, null);
    assert.equal((await store.sql`select from meter_value where transaction_id = ${transactionId}`).length, 2);
  });

  test('a sample after the Stop does no harm', async (t) => {
    const store = await openStore(t);
    const { transactionId } = await store.startTransaction(start());
    await store.stopTransaction(stop({ transactionId }));
    await store.meterReadings([reading({ transactionId, sampledAt: minute(61), registerWh: 5200 })]);
    assert.partialDeepStrictEqual(await transaction(store), {
      status: 'stopped',
      energyWh: 4000,
      energySource: 'register',
      flags: [],
    });
  });

  test('a sample shows that a suspect transaction runs on, one from before the boot does not', async (t) => {
    const store = await openStore(t);
    const { transactionId } = await store.startTransaction(start());
    await store.boot(boot({ receivedAt: minute(20) }));
    await store.meterReadings([reading({ transactionId, sampledAt: minute(19), receivedAt: minute(21) })]);
    assert.equal((await transaction(store))?.status, 'suspect');
    await store.meterReadings([reading({ transactionId, sampledAt: minute(22) })]);
    assert.partialDeepStrictEqual(await transaction(store), { status: 'active', suspectSince: null });
  });

  test('what was sent is kept where value and unit do not say it already', async (t) => {
    const store = await openStore(t);
    const sent = [
      { value: '1500', unit: 'Wh' },
      { value: '1.5', unit: 'kWh', phase: 'L1' },
      { value: '1500.0', phase: 'L2' },
      { value: 'n/a', phase: 'L3' },
    ];
    await store.meterReadings(sent.map((value) => reading({ meterValues: sample(value) })));
    const rows = await store.sql`select value, raw_value, raw_unit from meter_value order by phase`;
    assert.deepEqual(
      [...rows],
      [
        { value: 1500, rawValue: null, rawUnit: null },
        { value: 1500, rawValue: '1.5', rawUnit: 'kWh' },
        { value: 1500, rawValue: '1500.0', rawUnit: null },
        { value: null, rawValue: 'n/a', rawUnit: null },
      ],
    );
  });

  test('words outside the specification get codes of their own, the same in every process', async (t) => {
    const store = await openStore(t);
    const words = ['X.One', 'X.Two', 'Ünïcode \0'];
    await Promise.all(words.map((measurand) => store.meterReadings([reading({ meterValues: sample({ measurand }) })])));
    const codes = (await store.sql`select measurand from meter_value order by measurand`).map((row) => row.measurand);
    assert.equal(new Set(codes).size, 3);
    assert.ok(codes.every((code) => code >= 1000));
    const decoded = await Promise.all(codes.map((code) => store.words.decode('measurand', code)));
    assert.deepEqual(decoded.sort(), ['X.One', 'X.Two', 'Ünïcode \uFFFD'].sort());
    assert.equal(await store.words.codeOf('measurand', 'never sent'), undefined);
    assert.equal(await store.words.decode('phase', 31_999), '31999');
  });

  test('a set greater than one DB transaction is kept whole', async (t) => {
    const store = await openStore(t);
    const readings = Array.from({ length: 1203 }, (_, n) =>
      reading({ chargePointId: `CP${n}`, meterValues: [registerAt(minute(n / 60), n)] }),
    );
    await store.meterReadings(readings);
    assert.equal((await store.sql`select from meter_value`).length, 1203);
  });
});
